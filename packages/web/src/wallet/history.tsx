import { useEffect } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { HashText } from "../parts/hash-text.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { walletNews } from "../state/live.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import type { Transaction } from "./wallet-state.ts";

const HISTORY_MS = 10_000;
const TONES = {
  pending: "warn",
  included: "accent",
  final: "good",
  failed: "bad",
  replaced: "",
  expired: "",
  rejected: "bad",
} as const;

/** What has been sent and received; what is on its way stands on top. */
export function History({
  name,
  network,
  account,
}: {
  readonly name: string;
  readonly network: string;
  readonly account: number;
}) {
  const say = words.value;
  const asked = useAnswer(
    async () => api.call("getWalletHistory", { name, network, account }),
    [name, network, account],
    HISTORY_MS,
  );
  const news = walletNews.value;
  useEffect(() => {
    if (news !== null) asked.refresh();
  }, [news]);
  const transactions = asked.data.value?.transactions;
  return (
    <section class="stack-s">
      <h2>{say.history}</h2>
      <Problem text={transactions === undefined ? asked.problem.value : null} />
      {transactions !== undefined && <HistoryTable transactions={transactions} />}
    </section>
  );
}

/** Payments, newest first. */
export function HistoryTable({ transactions }: { readonly transactions: readonly Transaction[] }) {
  const say = words.value;
  const { dateTime } = format.value;
  if (transactions.length === 0) {
    return (
      <Empty icon="wallet" title={say.noTransactions}>
        <p>{say.noTransactionsHint}</p>
      </Empty>
    );
  }
  return (
    <SortTable
      name={say.history}
      rows={transactions}
      keyOf={({ id }) => id}
      columns={[
        {
          id: "state",
          head: say.state,
          cell: ({ state }) => (
            <span class={`tag ${TONES[state]}`}>{say.transactionStates[state]}</span>
          ),
        },
        {
          id: "at",
          head: say.when,
          cell: ({ atMs }) => dateTime(atMs),
        },
        {
          id: "what",
          head: say.what,
          isLong: true,
          cell: (each) => <What transaction={each} />,
        },
        {
          id: "amount",
          head: say.amount,
          isEnd: true,
          cell: (each) => <Moved transaction={each} />,
        },
        {
          id: "hash",
          head: say.transaction,
          cell: ({ id, url }) => <HashText text={id} name={say.transaction} href={url} />,
        },
      ]}
    />
  );
}

function What({ transaction }: { readonly transaction: Transaction }) {
  const say = words.value;
  const { summary, counterparty, counterpartyName, direction } = transaction;
  return (
    <>
      <bdi>{summary ?? say.directions[direction]}</bdi>{" "}
      {counterpartyName !== null && (
        <b>
          <bdi>{counterpartyName}</bdi>{" "}
        </b>
      )}
      {counterparty !== null && <HashText text={counterparty} name={say.address} />}
    </>
  );
}

function Moved({ transaction }: { readonly transaction: Transaction }) {
  const { wei, symbol, decimals, direction } = transaction;
  if (wei === null || symbol === null) return <>–</>;
  const sign = direction === "in" ? "+" : direction === "out" ? "−" : "";
  return (
    <b class={direction === "in" ? "good" : ""}>
      {sign}
      {format.value.amount(wei, decimals ?? 18)} {symbol}
    </b>
  );
}

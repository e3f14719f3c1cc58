import { useSignal } from "@preact/signals";
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
import { TransactionDialog } from "./transaction-dialog.tsx";
import { Moved, StateTag, What } from "./transaction-parts.tsx";
import type { Transaction } from "./wallet-state.ts";

const HISTORY_MS = 10_000;

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
  const shown = useSignal<string | null>(null);
  const detail = transactions.find(({ id }) => id === shown.value);
  if (transactions.length === 0) {
    return (
      <Empty icon="wallet" title={say.noTransactions}>
        <p>{say.noTransactionsHint}</p>
      </Empty>
    );
  }
  return (
    <>
      <SortTable
        name={say.history}
        rows={transactions}
        keyOf={({ id }) => id}
        columns={[
          {
            id: "state",
            head: say.state,
            cell: ({ state }) => <StateTag state={state} />,
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
          {
            id: "detail",
            head: "",
            isEnd: true,
            cell: ({ id }) => (
              <button
                type="button"
                class="button link"
                aria-label={say.detailsOf(id)}
                onClick={() => {
                  shown.value = id;
                }}
              >
                {say.details}
              </button>
            ),
          },
        ]}
      />
      {detail !== undefined && (
        <TransactionDialog
          transaction={detail}
          onClose={() => {
            shown.value = null;
          }}
        />
      )}
    </>
  );
}

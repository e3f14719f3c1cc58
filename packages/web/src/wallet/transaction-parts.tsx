import { format } from "../format/format.ts";
import { HashText } from "../parts/hash-text.tsx";
import { words } from "../words/words.ts";
import type { Transaction } from "./wallet-state.ts";

const TONES = {
  pending: "warn",
  included: "accent",
  final: "good",
  failed: "bad",
  replaced: "",
  expired: "",
  rejected: "bad",
} as const;

export function StateTag({ state }: { readonly state: Transaction["state"] }) {
  return <span class={`tag ${TONES[state]}`}>{words.value.transactionStates[state]}</span>;
}

/** What a transaction does, and with whom. */
export function What({ transaction }: { readonly transaction: Transaction }) {
  const say = words.value;
  const { summary, action, counterparty, counterpartyName, direction } = transaction;
  return (
    <>
      <bdi>
        {action === null
          ? (summary ?? say.directions[direction])
          : say.walletActions[action.name](action.count ?? 1)}
      </bdi>{" "}
      {counterpartyName !== null && (
        <b>
          <bdi>{counterpartyName}</bdi>{" "}
        </b>
      )}
      {counterparty !== null && <HashText text={counterparty} name={say.address} />}
    </>
  );
}

/** What it moves; a dash where that is not an amount. */
export function Moved({ transaction }: { readonly transaction: Transaction }) {
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

import type { ComponentChildren } from "preact";
import { format } from "../format/format.ts";
import { Dialog } from "../parts/dialog.tsx";
import { HashText } from "../parts/hash-text.tsx";
import { words } from "../words/words.ts";
import { Moved, StateTag, What } from "./transaction-parts.tsx";
import type { Transaction } from "./wallet-state.ts";

/** Everything that is known of one transaction. */
export function TransactionDialog({
  transaction,
  onClose,
}: {
  readonly transaction: Transaction;
  readonly onClose: () => void;
}) {
  const say = words.value;
  const { dateTime, number, amount } = format.value;
  const { id, url, state, atMs, block, network, counterparty, counterpartyName } = transaction;
  const { wei, decimals, symbol } = transaction;
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    [say.state, <StateTag state={state} />],
    [say.when, dateTime(atMs)],
    [say.what, <What transaction={transaction} />],
    [
      say.amount,
      // All of its digits: here is where they can be looked up.
      wei === null ? (
        <Moved transaction={transaction} />
      ) : (
        `${amount(wei, decimals ?? 18, decimals ?? 18)} ${symbol ?? ""}`
      ),
    ],
    [say.network, network],
    [say.block, block === null ? say.noBlockYet : number(block)],
  ];
  return (
    <Dialog
      title={say.transaction}
      onClose={onClose}
      onSubmit={onClose}
      foot={
        <button type="submit" class="button">
          {say.close}
        </button>
      }
    >
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {counterparty !== null && (
          <div class="whole">
            <dt>{counterpartyName ?? say.address}</dt>
            <dd>
              <HashText text={counterparty} name={say.address} isWhole />
            </dd>
          </div>
        )}
        <div class="whole">
          <dt>{say.transactionId}</dt>
          <dd>
            <HashText text={id} name={say.transactionId} isWhole href={url} />
          </dd>
        </div>
      </dl>
    </Dialog>
  );
}

import type { Signal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { Field } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { useAnswer } from "../state/use-answer.ts";
import type { Wallet } from "../wallet/wallet-state.ts";
import { words } from "../words/words.ts";

/** Which account a site is shown, and on which network. */
export interface Choice {
  readonly wallet: string;
  readonly account: number;
  readonly network: string;
}

/** Picks a wallet, an account of it, and a network. */
export function AccountChoice({
  choice,
  wallets,
}: {
  readonly choice: Signal<Choice>;
  readonly wallets: readonly Wallet[];
}) {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listNetworks"), []);
  // Sites speak to EVM chains.
  const networks = (asked.data.value?.networks ?? []).filter(
    ({ name }) => !name.startsWith("tron"),
  );
  const { wallet, account, network } = choice.value;
  const accounts = wallets.find(({ name }) => name === wallet)?.accounts ?? [];
  const shown = accounts.find(({ number }) => number === account);
  const pick = (part: Partial<Choice>): void => {
    choice.value = { ...choice.value, ...part };
  };
  return (
    <>
      {wallets.length > 1 && (
        <Field label={say.wallet}>
          {(tie) => (
            <select
              {...tie}
              value={wallet}
              onChange={(event) => pick({ wallet: event.currentTarget.value, account: 0 })}
            >
              {wallets.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Field label={say.account} hint={<code>{shown?.addresses["evm"]}</code>}>
        {(tie) => (
          <select
            {...tie}
            value={String(account)}
            onChange={(event) => pick({ account: Number(event.currentTarget.value) })}
          >
            {accounts.map(({ number, label }) => (
              <option key={number} value={String(number)}>
                {wallets.length > 1 ? "" : `${wallet}: `}
                {label === "" ? say.accountNumber(number + 1) : label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={say.network}>
        {(tie) => (
          <select
            {...tie}
            value={network}
            onChange={(event) => pick({ network: event.currentTarget.value })}
          >
            {networks.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Problem text={asked.problem.value} onRetry={asked.refresh} />
    </>
  );
}

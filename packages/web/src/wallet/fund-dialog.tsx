import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Problem } from "../parts/problem.tsx";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { type BrowserWallet, browserWallets } from "./browser-wallets.ts";
import { ChooseOutside } from "./choose-outside.tsx";
import { accountOf } from "./outside-account.ts";
import { outsidePayer } from "./payer.ts";
import { SendDialog } from "./send-dialog.tsx";
import type { Network } from "./wallet-state.ts";

/** Pays from a wallet of this browser to one of this node: the one trades, the other holds the money. */
export function FundDialog({
  to,
  network,
  given,
  onClose,
  onPaid,
}: {
  readonly to: { readonly address: string; readonly name: string };
  readonly network: Network;
  /** The wallet that is meant, where that is known. */
  readonly given?: BrowserWallet;
  readonly onClose: () => void;
  readonly onPaid?: () => void;
}) {
  const say = words.value;
  const wallets = browserWallets.value;
  const picked = useSignal<string | null>(
    given?.uuid ?? (wallets.length === 1 ? (wallets[0]?.uuid ?? null) : null),
  );
  const wallet = wallets.find(({ uuid }) => uuid === picked.value);
  const address = wallet === undefined ? undefined : accountOf(wallet).value.addresses[0];
  const { name } = network;
  const chain = useAnswer(async () => api.call("getNetworkForWallets", { network: name }), [name]);
  const balances = useAnswer(
    async () =>
      address === undefined ? null : api.call("getAddressBalances", { network: name, address }),
    [name, address],
  );
  if (
    wallet !== undefined &&
    address !== undefined &&
    chain.data.value !== null &&
    balances.data.value !== null
  ) {
    return (
      <SendDialog
        payer={outsidePayer(wallet, name, address, chain.data.value)}
        network={network}
        balances={balances.data.value.balances}
        to={to}
        title={say.fundFrom(to.name, wallet.name)}
        onClose={onClose}
        {...(onPaid !== undefined && { onPaid })}
        {...(chain.data.value.canAskFaucet && {
          onFaucet: async () => {
            await api.call("askAddressFaucet", { network: name, address });
            balances.refresh();
          },
        })}
      />
    );
  }
  return (
    <Dialog
      title={say.fundThis(to.name)}
      onClose={onClose}
      onSubmit={() => {}}
      foot={
        <button type="button" class="button" onClick={onClose}>
          {say.cancel}
        </button>
      }
    >
      <p>{say.fundHint}</p>
      <ChooseOutside
        picked={wallet ?? null}
        onPick={(uuid) => {
          picked.value = uuid;
        }}
      />
      <Problem text={chain.problem.value ?? balances.problem.value} />
    </Dialog>
  );
}

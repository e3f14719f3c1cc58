import { Icon } from "../parts/icon.tsx";
import { words } from "../words/words.ts";
import type { BrowserWallet } from "./browser-wallets.ts";
import type { Wallet } from "./wallet-state.ts";

/** A browser wallet's picture, which says nothing that its name does not. */
export function WalletIcon({ wallet }: { readonly wallet: BrowserWallet }) {
  if (wallet.icon === null) return <Icon name="wallet" />;
  return <img class="wallet-icon" src={wallet.icon} alt="" />;
}

/** The wallets of this node, and beside them those of this browser. */
export function WalletPicker({
  wallets,
  outside,
  picked,
  onPick,
}: {
  readonly wallets: readonly Wallet[];
  readonly outside: readonly BrowserWallet[];
  /** A name of this node's, or a UUID of the browser's. */
  readonly picked: string | undefined;
  readonly onPick: (picked: string) => void;
}) {
  const say = words.value;
  return (
    <div class="wallet-picker">
      {wallets.length > 0 && (
        <div class="row" role="group" aria-label={say.walletsOfNode}>
          <span class="label" aria-hidden="true">
            {say.walletsOfNode}
          </span>
          {wallets.map(({ name }) => (
            <button
              key={name}
              type="button"
              class="button"
              aria-pressed={picked === name}
              onClick={() => onPick(name)}
            >
              <Icon name="wallet" />
              <bdi>{name}</bdi>
            </button>
          ))}
        </div>
      )}
      <div class="row" role="group" aria-label={say.walletsOfBrowser}>
        <span class="label" aria-hidden="true">
          {say.walletsOfBrowser}
        </span>
        {outside.map((wallet) => (
          <button
            key={wallet.uuid}
            type="button"
            class="button"
            aria-pressed={picked === wallet.uuid}
            onClick={() => onPick(wallet.uuid)}
          >
            <WalletIcon wallet={wallet} />
            <bdi>{wallet.name}</bdi>
          </button>
        ))}
      </div>
    </div>
  );
}

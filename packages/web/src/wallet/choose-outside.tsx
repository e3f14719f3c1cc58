import { HashText } from "../parts/hash-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/words.ts";
import { type BrowserWallet, browserWallets } from "./browser-wallets.ts";
import { accountOf } from "./outside-account.ts";
import { ConnectButton } from "./outside-page.tsx";
import { WalletIcon } from "./wallet-picker.tsx";

/** Which wallet of the browser is meant, and the way to connect it. */
export function ChooseOutside({
  picked,
  onPick,
}: {
  readonly picked: BrowserWallet | null;
  readonly onPick: (uuid: string) => void;
}) {
  const say = words.value;
  const wallets = browserWallets.value;
  const address = picked === null ? undefined : accountOf(picked).value.addresses[0];
  return (
    <div class="stack-s">
      {wallets.length > 1 && (
        <div class="row" role="group" aria-label={say.walletsOfBrowser}>
          {wallets.map((wallet) => (
            <button
              key={wallet.uuid}
              type="button"
              class="button"
              aria-pressed={wallet.uuid === picked?.uuid}
              onClick={() => onPick(wallet.uuid)}
            >
              <WalletIcon wallet={wallet} />
              <bdi>{wallet.name}</bdi>
            </button>
          ))}
        </div>
      )}
      {picked !== null && address === undefined && (
        <div>
          <ConnectButton wallet={picked} />
        </div>
      )}
      {picked !== null && address !== undefined && (
        <div class="callout good" role="status">
          <Icon name="check" />
          <div class="stack-s">
            <b>{say.outsideChosen(picked.name)}</b>
            <HashText text={address} name={say.outsideAddress(picked.name)} isWhole />
          </div>
        </div>
      )}
    </div>
  );
}

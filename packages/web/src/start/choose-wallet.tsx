import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { Icon } from "../parts/icon.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { trading } from "../state/live.ts";
import { attempt } from "../state/notices.ts";
import { node } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import type { BrowserWallet } from "../wallet/browser-wallets.ts";
import { FundDialog } from "../wallet/fund-dialog.tsx";
import { accountOf } from "../wallet/outside-account.ts";
import { networkName, type Wallet } from "../wallet/wallet-state.ts";
import { UnlockForm } from "../wallet/unlock-form.tsx";
import { WalletSetup } from "../wallet/wallet-setup.tsx";
import { words } from "../words/words.ts";

/** The step in which a wallet is made, or one that is there taken, and funded where the money is in one of the browser's. */
export function ChooseWallet({
  givenPassword,
  onNext,
}: {
  readonly givenPassword: string;
  readonly onNext: () => void;
}) {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listWallets"), []);
  const wallets = asked.data.value?.wallets ?? [];
  const isPlay = node.value?.chain?.isPlayMoney === true;
  const made = useSignal<{ readonly name: string; readonly outside: BrowserWallet } | null>(null);
  const use = async (wallet: string, outside: BrowserWallet | null): Promise<void> => {
    const network = node.value?.chain?.network;
    await attempt(async () => {
      trading.value = await api.call("changeTrading", {
        wallet,
        ...(network !== undefined && { network }),
      });
      // So that there is something to pay the sample with.
      if (isPlay) await givePlayMoney(wallet);
      const address = outside === null ? undefined : accountOf(outside).peek().addresses[0];
      if (outside === null || address === undefined) return;
      await api.call("setContact", {
        ...{ name: wallet, address, label: outside.name },
        network: networkName.peek(),
      });
    });
    if (outside === null) onNext();
    else made.value = { name: wallet, outside };
  };
  if (made.value !== null) return <Fund {...made.value} onNext={onNext} />;
  return (
    <div class="stack">
      {isPlay && (
        <div class="row">
          <PlayMoney />
          <span class="small quiet">{say.playMoneyHint}</span>
        </div>
      )}
      {wallets.map((wallet) => (
        <KnownWallet
          key={wallet.name}
          wallet={wallet}
          onChange={asked.refresh}
          onUse={() => void use(wallet.name, null)}
        />
      ))}
      {asked.data.value !== null && (
        <WalletSetup
          givenPassword={givenPassword}
          taken={wallets.map(({ name }) => name)}
          offersOutside
          onDone={(name, outside) => void use(name, outside)}
        />
      )}
      <div>
        <button type="button" class="button link" onClick={onNext}>
          {say.withoutWallet}
        </button>
      </div>
    </div>
  );
}

function Fund({
  name,
  outside,
  onNext,
}: {
  readonly name: string;
  readonly outside: BrowserWallet;
  readonly onNext: () => void;
}) {
  const say = words.value;
  const funding = useSignal(false);
  const network = networkName.value;
  const asked = useAnswer(async () => {
    const { networks } = await api.call("listNetworks");
    const { address } = await api.call("getBalances", { name, network });
    return { network: networks.find((each) => each.name === network), address };
  }, [name, network]);
  const found = asked.data.value;
  return (
    <div class="stack">
      <p class="callout good">{say.fundStep(outside.name)}</p>
      <div class="row">
        <button
          type="button"
          class="button primary large"
          disabled={found?.network === undefined}
          onClick={() => {
            funding.value = true;
          }}
        >
          <Icon name="down" />
          {say.fundNow(outside.name)}
        </button>
        <button type="button" class="button plain large" onClick={onNext}>
          {say.fundLater}
        </button>
      </div>
      {funding.value && found?.network !== undefined && (
        <FundDialog
          to={{ address: found.address, name: say.ofNode(name) }}
          network={found.network}
          given={outside}
          onClose={() => {
            funding.value = false;
          }}
          onPaid={onNext}
        />
      )}
    </div>
  );
}

/** A wallet of a visit before, whose words may or may not have been written down. */
function KnownWallet({
  wallet,
  onChange,
  onUse,
}: {
  readonly wallet: Wallet;
  readonly onChange: () => void;
  readonly onUse: () => void;
}) {
  const say = words.value;
  return (
    <section class="card" aria-label={wallet.name}>
      <h2>
        <bdi>{say.walletIsThere(wallet.name)}</bdi>
      </h2>
      <p class="quiet">{say.walletIsThereHint}</p>
      {wallet.isUnlocked ? (
        <div>
          <button type="button" class="button primary" onClick={onUse}>
            <Icon name="wallet" />
            {say.useWallet}
          </button>
        </div>
      ) : (
        <UnlockForm wallet={wallet} onChange={onChange} />
      )}
    </section>
  );
}

/** Once: an amount that was asked for twice is harder to understand. */
async function givePlayMoney(name: string): Promise<void> {
  const { balances } = await api.call("getBalances", { name });
  const hasAll = balances.every(({ wei }) => wei !== "0");
  if (!hasAll) await api.call("askFaucet", { name });
}

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { Problem } from "../parts/problem.tsx";
import { walletNews } from "../state/live.ts";
import { attempt } from "../state/notices.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { Balances } from "./balances.tsx";
import { browserWallets } from "./browser-wallets.ts";
import { Contacts } from "./contacts.tsx";
import { FundDialog } from "./fund-dialog.tsx";
import { History } from "./history.tsx";
import { NetworkSelect } from "./network-select.tsx";
import { OutsideWallet } from "./outside-page.tsx";
import { nodePayer } from "./payer.ts";
import { Receive } from "./receive.tsx";
import { SendDialog } from "./send-dialog.tsx";
import { UnlockForm } from "./unlock-form.tsx";
import { WalletPicker } from "./wallet-picker.tsx";
import { WalletSetup } from "./wallet-setup.tsx";
import { type Network, networkName, pickedWallet, type Wallet } from "./wallet-state.ts";

const BALANCES_MS = 15_000;

/** Keys and money: what there is, what is on its way, and how to pay somebody. */
export function WalletPage() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listWallets"), []);
  const networks = useAnswer(async () => api.call("listNetworks"), []);
  const making = useSignal(false);
  const outside = browserWallets.value;
  const wallets = asked.data.value?.wallets;
  const picked = pickedWallet.value;
  const outsideWallet = outside.find(({ uuid }) => uuid === picked);
  const wallet =
    outsideWallet === undefined
      ? (wallets?.find(({ name }) => name === picked) ?? wallets?.[0])
      : undefined;
  const known = networks.data.value?.networks ?? [];
  const hasChoice = (wallets?.length ?? 0) > 1 || outside.length > 0;
  return (
    <div class="page">
      <div class="page-head">
        <h1>{say.wallet}</h1>
        {wallets !== undefined && wallets.length > 0 && (
          <button
            type="button"
            class="button"
            onClick={() => {
              making.value = true;
            }}
          >
            <Icon name="add" />
            {say.anotherWallet}
          </button>
        )}
      </div>
      {wallets !== undefined && hasChoice && (
        <WalletPicker
          wallets={wallets}
          outside={outside}
          picked={outsideWallet?.uuid ?? wallet?.name}
          onPick={(id) => {
            pickedWallet.value = id;
          }}
        />
      )}
      <Problem text={wallets === undefined ? asked.problem.value : null} onRetry={asked.refresh} />
      {outsideWallet !== undefined && (
        <OutsideWallet key={outsideWallet.uuid} wallet={outsideWallet} networks={known} />
      )}
      {wallets?.length === 0 && outsideWallet === undefined && (
        <Empty icon="wallet" title={say.noWallet}>
          <p>{say.noWalletHint}</p>
          <button
            type="button"
            class="button primary"
            onClick={() => {
              making.value = true;
            }}
          >
            {say.makeWallet}
          </button>
        </Empty>
      )}
      {wallet !== undefined && (
        <OneWallet key={wallet.name} wallet={wallet} known={known} onChange={asked.refresh} />
      )}
      {making.value && (
        <Dialog
          title={say.makeWallet}
          onClose={() => {
            making.value = false;
          }}
          onSubmit={() => {}}
          foot={null}
        >
          <WalletSetup
            taken={(wallets ?? []).map(({ name }) => name)}
            onDone={(name) => {
              making.value = false;
              pickedWallet.value = name;
              asked.refresh();
            }}
          />
        </Dialog>
      )}
    </div>
  );
}

function OneWallet({
  wallet,
  known,
  onChange,
}: {
  readonly wallet: Wallet;
  readonly known: readonly Network[];
  readonly onChange: () => void;
}) {
  const say = words.value;
  const { name } = wallet;
  const network = networkName.value;
  const account = useSignal(0);
  const funding = useSignal(false);
  const sending = useSignal(false);
  const asked = useAnswer(
    async () => api.call("getBalances", { name, network, account: account.value }),
    [name, network, account.value],
    BALANCES_MS,
  );
  const news = walletNews.value;
  useEffect(() => {
    if (news !== null) asked.refresh();
  }, [news]);
  const current = known.find((each) => each.name === network);
  const address = asked.data.value?.address;
  const askFaucet = async (): Promise<void> => {
    await attempt(async () => {
      await api.call("askFaucet", { name, account: account.value });
      asked.refresh();
    }, say.faucetDone);
  };
  return (
    <>
      <section class="card" aria-label={say.balances}>
        <div class="row spread">
          <div class="row">
            <NetworkSelect networks={known} />
            {wallet.accounts.length > 1 && (
              <select
                aria-label={say.account}
                value={String(account.value)}
                onChange={(event) => {
                  account.value = Number(event.currentTarget.value);
                }}
              >
                {wallet.accounts.map(({ number, label }) => (
                  <option key={number} value={String(number)}>
                    {label}
                  </option>
                ))}
              </select>
            )}
            {current?.isPlayMoney === true && <PlayMoney />}
          </div>
          <div class="row">
            {current?.isPlayMoney === true && (
              <button type="button" class="button" onClick={() => void askFaucet()}>
                {say.faucet}
              </button>
            )}
            {browserWallets.value.length > 0 && (
              <button
                type="button"
                class="button"
                disabled={current === undefined || address === undefined}
                onClick={() => {
                  funding.value = true;
                }}
              >
                <Icon name="down" />
                {say.fund}
              </button>
            )}
            <button
              type="button"
              class="button primary"
              disabled={!wallet.isUnlocked || current === undefined}
              onClick={() => {
                sending.value = true;
              }}
            >
              <Icon name="send" />
              {say.send}
            </button>
          </div>
        </div>
        <Balances balances={asked.data.value?.balances ?? null} />
        <Problem text={asked.problem.value} onRetry={asked.refresh} />
        {current?.isPlayMoney === false && <p class="callout warn">{say.riskMoney}</p>}
      </section>
      <UnlockForm wallet={wallet} onChange={onChange} />
      {address !== undefined && (
        <Receive
          address={address}
          network={say.networkTitles[network] ?? current?.title ?? network}
        />
      )}
      <History name={name} network={network} account={account.value} />
      <Contacts wallet={name} />
      {sending.value && current !== undefined && (
        <SendDialog
          payer={nodePayer(name, network, account.value)}
          network={current}
          balances={asked.data.value?.balances ?? []}
          onClose={() => {
            sending.value = false;
            asked.refresh();
          }}
        />
      )}
      {funding.value && current !== undefined && address !== undefined && (
        <FundDialog
          to={{ address, name: say.ofNode(name) }}
          network={current}
          onClose={() => {
            funding.value = false;
            asked.refresh();
          }}
        />
      )}
    </>
  );
}

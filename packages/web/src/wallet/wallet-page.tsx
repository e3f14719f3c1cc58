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
import { Contacts } from "./contacts.tsx";
import { History } from "./history.tsx";
import { Receive } from "./receive.tsx";
import { SendDialog } from "./send-dialog.tsx";
import { UnlockForm } from "./unlock-form.tsx";
import { WalletSetup } from "./wallet-setup.tsx";
import { networkName, pickedNetwork, type Wallet } from "./wallet-state.ts";

const BALANCES_MS = 15_000;

/** Keys and money: what there is, what is on its way, and how to pay somebody. */
export function WalletPage() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listWallets"), []);
  const picked = useSignal<string | null>(null);
  const making = useSignal(false);
  const wallets = asked.data.value?.wallets;
  const wallet = wallets?.find(({ name }) => name === picked.value) ?? wallets?.[0];
  return (
    <div class="page">
      <div class="page-head">
        <h1>{say.wallet}</h1>
        {wallets !== undefined && wallets.length > 0 && (
          <div class="row">
            {wallets.length > 1 && (
              <select
                aria-label={say.wallet}
                value={wallet?.name}
                onChange={(event) => {
                  picked.value = event.currentTarget.value;
                }}
              >
                {wallets.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
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
          </div>
        )}
      </div>
      <Problem text={wallets === undefined ? asked.problem.value : null} onRetry={asked.refresh} />
      {wallets?.length === 0 && (
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
        <OneWallet key={wallet.name} wallet={wallet} onChange={asked.refresh} />
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
            onDone={(name) => {
              making.value = false;
              picked.value = name;
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
  onChange,
}: {
  readonly wallet: Wallet;
  readonly onChange: () => void;
}) {
  const say = words.value;
  const { name } = wallet;
  const network = networkName.value;
  const networks = useAnswer(async () => api.call("listNetworks"), []);
  const account = useSignal(0);
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
  const known = networks.data.value?.networks ?? [];
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
            {known.length > 1 && (
              <select
                aria-label={say.network}
                value={network}
                onChange={(event) => {
                  pickedNetwork.value = event.currentTarget.value;
                }}
              >
                {known.map((each) => (
                  <option key={each.name} value={each.name}>
                    {each.title}
                  </option>
                ))}
              </select>
            )}
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
      {address !== undefined && <Receive address={address} network={current?.title ?? network} />}
      <History name={name} network={network} account={account.value} />
      <Contacts wallet={name} />
      {sending.value && current !== undefined && (
        <SendDialog
          wallet={name}
          network={current}
          account={account.value}
          balances={asked.data.value?.balances ?? []}
          onClose={() => {
            sending.value = false;
            asked.refresh();
          }}
        />
      )}
    </>
  );
}

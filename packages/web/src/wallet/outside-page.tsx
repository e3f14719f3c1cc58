import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { Empty } from "../parts/empty.tsx";
import { HashText } from "../parts/hash-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { Problem } from "../parts/problem.tsx";
import { attempt, tell } from "../state/notices.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { Balances } from "./balances.tsx";
import type { BrowserWallet } from "./browser-wallets.ts";
import { HistoryTable } from "./history.tsx";
import { NetworkSelect } from "./network-select.tsx";
import {
  accountOf,
  type ChainForWallets,
  connect,
  describeWalletError,
  disconnect,
  goToChain,
  sameChain,
  showToken,
} from "./outside-account.ts";
import { outsidePayments } from "./outside-payments.ts";
import { outsidePayer } from "./payer.ts";
import { SendDialog } from "./send-dialog.tsx";
import { WalletIcon } from "./wallet-picker.tsx";
import { type Network, networkName } from "./wallet-state.ts";

const LOOK_MS = 10_000;

/** Runs what a wallet is asked, and says what it says instead of an answer. */
async function ask(wallet: BrowserWallet, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tell(describeWalletError(error, wallet), "bad");
  }
}

/** A wallet of this browser: its account as the network knows it, and payments that it signs itself. */
export function OutsideWallet({
  wallet,
  networks,
}: {
  readonly wallet: BrowserWallet;
  readonly networks: readonly Network[];
}) {
  const say = words.value;
  const [address] = accountOf(wallet).value.addresses;
  return (
    <>
      <WhoSigns wallet={wallet} />
      {address === undefined ? (
        <Empty icon="plug" title={say.outsideNotConnected(wallet.name)}>
          <p>{say.outsideNotConnectedHint(wallet.name)}</p>
          <ConnectButton wallet={wallet} />
        </Empty>
      ) : (
        <OutsideMoney key={address} wallet={wallet} address={address} networks={networks} />
      )}
    </>
  );
}

export function ConnectButton({ wallet }: { readonly wallet: BrowserWallet }) {
  const isBusy = useSignal(false);
  return (
    <button
      type="button"
      class="button primary"
      disabled={isBusy.value}
      onClick={() => {
        isBusy.value = true;
        void ask(wallet, async () => connect(wallet)).then(() => {
          isBusy.value = false;
        });
      }}
    >
      <WalletIcon wallet={wallet} />
      {words.value.connectTo(wallet.name)}
    </button>
  );
}

/** Two wallets sign different things: that has to be plain before anything is paid. */
function WhoSigns({ wallet }: { readonly wallet: BrowserWallet }) {
  const say = words.value;
  return (
    <section class="callout who-signs" aria-label={say.whoSigns}>
      <Icon name="key" />
      <div class="stack-s">
        <span>{say.whoSignsOutside(wallet.name)}</span>
        <span>{say.whoSignsNode}</span>
      </div>
    </section>
  );
}

function OutsideMoney({
  wallet,
  address,
  networks,
}: {
  readonly wallet: BrowserWallet;
  readonly address: string;
  readonly networks: readonly Network[];
}) {
  const say = words.value;
  const network = networkName.value;
  const sending = useSignal(false);
  const current = networks.find((each) => each.name === network);
  const chain = useAnswer(async () => api.call("getNetworkForWallets", { network }), [network]);
  const balances = useAnswer(
    async () => api.call("getAddressBalances", { network, address }),
    [network, address],
    LOOK_MS,
  );
  const history = useAnswer(
    async () => api.call("getAddressHistory", { network, address }),
    [network, address],
    LOOK_MS,
  );
  const own = outsidePayments.value.filter(
    (payment) =>
      payment.network === network && payment.from.toLowerCase() === address.toLowerCase(),
  );
  const settled = own.map(({ state }) => state).join();
  useEffect(() => {
    if (settled === "") return;
    balances.refresh();
    history.refresh();
  }, [settled]);
  const told = history.data.value?.transactions ?? [];
  const isOnChain = sameChain(
    accountOf(wallet).value.chainId,
    chain.data.value?.chain.chainId ?? null,
  );
  const sinceBlock = history.data.value?.sinceBlock ?? 0;
  const askFaucet = async (): Promise<void> => {
    await attempt(async () => {
      await api.call("askAddressFaucet", { network, address });
      balances.refresh();
      history.refresh();
    }, say.faucetDone);
  };
  return (
    <>
      <section class="card" aria-label={say.balances}>
        <div class="row spread">
          <div class="row">
            <NetworkSelect networks={networks} />
            {current?.isPlayMoney === true && <PlayMoney />}
          </div>
          <div class="row">
            {chain.data.value?.canAskFaucet === true && (
              <button type="button" class="button" onClick={() => void askFaucet()}>
                {say.faucet}
              </button>
            )}
            <button
              type="button"
              class="button primary"
              disabled={chain.data.value === null || balances.data.value === null}
              onClick={() => {
                sending.value = true;
              }}
            >
              <Icon name="send" />
              {say.send}
            </button>
          </div>
        </div>
        <div class="row">
          <WalletIcon wallet={wallet} />
          <HashText text={address} name={say.outsideAddress(wallet.name)} isWhole />
        </div>
        <Balances balances={balances.data.value?.balances ?? null} />
        <Problem text={chain.problem.value ?? balances.problem.value} onRetry={balances.refresh} />
        {current?.isPlayMoney === false && <p class="callout warn">{say.riskMoney}</p>}
        {chain.data.value !== null && (
          <ChainState
            wallet={wallet}
            chain={chain.data.value}
            isOnChain={isOnChain}
            title={current?.title ?? network}
          />
        )}
        <div class="row">
          {chain.data.value?.btt !== undefined && chain.data.value.btt !== null && (
            <button
              type="button"
              class="button link small"
              onClick={() =>
                void ask(wallet, async () => {
                  if (chain.data.value === null) return;
                  await goToChain(wallet, chain.data.value);
                  await showToken(wallet, chain.data.value);
                })
              }
            >
              {say.showBttIn(wallet.name)}
            </button>
          )}
          <button type="button" class="button link small" onClick={() => void disconnect(wallet)}>
            {say.disconnectFrom(wallet.name)}
          </button>
        </div>
      </section>
      <section class="stack-s">
        <h2>{say.history}</h2>
        <Problem text={history.problem.value} onRetry={history.refresh} />
        {history.data.value !== null && (
          <HistoryTable
            transactions={[
              ...own.filter(({ id }) => !told.some((each) => each.id === id)),
              ...told,
            ]}
          />
        )}
        {sinceBlock > 0 && (
          <p class="small quiet">{say.historySince(String(sinceBlock), wallet.name)}</p>
        )}
      </section>
      {sending.value && current !== undefined && chain.data.value !== null && (
        <SendDialog
          payer={outsidePayer(wallet, network, address, chain.data.value)}
          network={current}
          balances={balances.data.value?.balances ?? []}
          onClose={() => {
            sending.value = false;
            balances.refresh();
          }}
        />
      )}
    </>
  );
}

const isThisMachine = ["localhost", "127.0.0.1", "[::1]"].includes(
  typeof location === "undefined" ? "localhost" : location.hostname,
);

/** Which chain the wallet is on, and what it will be asked before it signs. */
function ChainState({
  wallet,
  chain,
  isOnChain,
  title,
}: {
  readonly wallet: BrowserWallet;
  readonly chain: ChainForWallets;
  readonly isOnChain: boolean;
  readonly title: string;
}) {
  const say = words.value;
  const isAway =
    !isThisMachine && chain.chain.rpcUrls.some((url) => url.startsWith("http://127.0.0.1"));
  return (
    <>
      <div class="row small" role="status">
        <span class={isOnChain ? "good" : "warn"}>
          <Icon name={isOnChain ? "check" : "alert"} />
        </span>
        <span class="grow">
          {isOnChain
            ? say.outsideOnChain(wallet.name, title)
            : say.outsideOtherChain(wallet.name, title)}
        </span>
        {!isOnChain && (
          <button
            type="button"
            class="button"
            onClick={() => void ask(wallet, async () => goToChain(wallet, chain))}
          >
            {say.switchChain(wallet.name)}
          </button>
        )}
      </div>
      {isAway && <p class="callout warn">{say.chainElsewhere}</p>}
    </>
  );
}

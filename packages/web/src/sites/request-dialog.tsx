import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { TextField } from "../parts/field.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { Problem } from "../parts/problem.tsx";
import { isPopUp } from "../state/pop-up.ts";
import { trading } from "../state/live.ts";
import { describeError } from "../state/notices.ts";
import { putOffRequests, readSiteRequests, type SiteRequest } from "../state/site-requests.ts";
import { useAnswer } from "../state/use-answer.ts";
import { networkName, type Wallet } from "../wallet/wallet-state.ts";
import { words } from "../words/words.ts";
import { AccountChoice, type Choice } from "./account-choice.tsx";
import { OriginText } from "./origin-text.tsx";
import { CallData, Payment, RequestLines } from "./request-body.tsx";
import { RequestFrame } from "./request-frame.tsx";
import { useSettled } from "./use-settled.ts";
import { RequestWarnings } from "./request-warnings.tsx";

/** What a site asks for, readable, with a yes and a no. */
export function RequestDialog({
  request,
  waiting,
}: {
  readonly request: SiteRequest;
  /** This one and those behind it. */
  readonly waiting: readonly SiteRequest[];
}) {
  const say = words.value;
  const { id, kind, origin, warnings, transaction } = request;
  const isSettled = useSettled(id);
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const password = useSignal("");
  const understood = useSignal<ReadonlySet<string>>(new Set());
  const asked = useAnswer(async () => api.call("listWallets"), [id]);
  const networks = useAnswer(async () => api.call("listNetworks"), []);
  const wallets = asked.data.value?.wallets;
  const choice = useSignal<Choice>(firstChoice(request));
  useEffect(() => {
    if (wallets !== undefined && !wallets.some(({ name }) => name === choice.value.wallet))
      choice.value = { ...choice.value, wallet: wallets[0]?.name ?? "", account: 0 };
  }, [wallets]);

  const isConnecting = kind === "connect";
  const isSigning = kind !== "connect" && kind !== "switch-network";
  const signer = wallets?.find(({ name }) => name === request.wallet);
  const isLocked = isSigning && signer?.isUnlocked === false;
  const graves = warnings.filter(({ isGrave }) => isGrave);
  const network = isConnecting ? choice.value.network : request.network;
  const isPlayMoney =
    networks.data.value?.networks.find(({ name }) => name === network)?.isPlayMoney === true;
  const isReady =
    isSettled.value &&
    !isBusy.value &&
    graves.every(({ code }) => understood.value.has(code)) &&
    (!isLocked || password.value !== "") &&
    (!isConnecting || (wallets !== undefined && wallets.length > 0));

  const answer = async (isAllowed: boolean, ids: readonly string[]): Promise<void> => {
    isBusy.value = true;
    problem.value = null;
    try {
      for (const each of ids) {
        await api.call("answerSiteRequest", {
          id: each,
          isAllowed,
          ...(isAllowed && isConnecting && choice.value),
          ...(isAllowed && isLocked && { password: password.value }),
        });
      }
    } catch (error) {
      problem.value = describeError(error);
    }
    password.value = "";
    isBusy.value = false;
    await readSiteRequests();
  };
  const refuse = (ids: readonly string[]): void => {
    if (isSettled.value) void answer(false, ids);
  };

  return (
    <RequestFrame
      title={say.siteAsks[kind]}
      onClose={() => putOffRequests(waiting.map((each) => each.id))}
      onSubmit={() => {
        if (isReady) void answer(true, [id]);
      }}
      foot={
        <>
          {waiting.length > 1 && (
            <span class="grow row small">
              <span class="quiet">{say.moreWaiting(waiting.length - 1)}</span>
              <button
                type="button"
                class="button link small"
                disabled={!isSettled.value || isBusy.value}
                onClick={() => refuse(waiting.map((each) => each.id))}
              >
                {say.refuseAll}
              </button>
            </span>
          )}
          <button
            type="button"
            class="button"
            disabled={!isSettled.value || isBusy.value}
            onClick={() => refuse([id])}
          >
            {say.refuse}
          </button>
          <button type="submit" class="button primary" disabled={!isReady}>
            {say.siteAllow[kind]}
          </button>
        </>
      }
    >
      <div class="row spread">
        <OriginText origin={origin} />
        {isPlayMoney && <PlayMoney />}
      </div>
      {isConnecting && <Connecting choice={choice} wallets={wallets} />}
      {!isConnecting && request.wallet !== null && (
        <p class="small">
          {say.withAccount(request.wallet)} <code class="wrap-anywhere">{request.address}</code>
        </p>
      )}
      {transaction !== null && <Payment transaction={transaction} own={request.address} />}
      <RequestWarnings warnings={warnings} understood={understood} />
      <RequestLines request={request} />
      {transaction !== null && <CallData transaction={transaction} />}
      {isLocked && (
        <TextField
          label={say.walletPassword}
          type="password"
          autocomplete="current-password"
          required
          hint={say.unlockForThis}
          value={password.value}
          onValue={(value) => {
            password.value = value;
          }}
        />
      )}
      <Problem text={problem.value ?? asked.problem.value} />
      {isSigning && (
        <p class="small quiet">
          {say.signsNode(request.wallet ?? "")}{" "}
          {kind === "transaction" ? say.noWayBack : say.signatureUse}
        </p>
      )}
      {isPopUp && request.siteId === null && <p class="small quiet">{say.onlyIfYouCame}</p>}
    </RequestFrame>
  );
}

function Connecting({
  choice,
  wallets,
}: {
  readonly choice: { value: Choice } & Parameters<typeof AccountChoice>[0]["choice"];
  readonly wallets: readonly Wallet[] | undefined;
}) {
  const say = words.value;
  if (wallets === undefined) return <p class="quiet">{say.loading}</p>;
  if (wallets.length === 0) return <p class="callout warn">{say.connectNeedsWallet}</p>;
  return (
    <>
      <ul class="stack-s small">
        {say.connectMeans.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <AccountChoice choice={choice} wallets={wallets} />
    </>
  );
}

function firstChoice({ wallet, account, network }: SiteRequest): Choice {
  return {
    wallet: wallet ?? trading.peek()?.wallet ?? "",
    account: account ?? 0,
    network: network ?? networkName.peek(),
  };
}

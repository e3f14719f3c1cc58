import { useSignal } from "@preact/signals";
import { format } from "../format/format.ts";
import { parseAmount, plainAmount } from "../format/parse-amount.ts";
import { Dialog } from "../parts/dialog.tsx";
import { CheckField, Field, TextField } from "../parts/field.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { Problem } from "../parts/problem.tsx";
import { tell } from "../state/notices.ts";
import { words } from "../words/words.ts";
import { OwnWallets } from "./own-wallets.tsx";
import type { Payer, ShownPlan } from "./payer.ts";
import type { Balance, Network } from "./wallet-state.ts";

/** Sends money in two steps: what is wanted, and then what exactly will be signed, and by whom. */
export function SendDialog<Plan extends ShownPlan>({
  payer,
  network,
  balances,
  to: given,
  title,
  onFaucet,
  onClose,
  onPaid,
}: {
  readonly payer: Payer<Plan>;
  readonly network: Network;
  readonly balances: readonly Balance[];
  /** Who is paid, where that is not to be chosen. */
  readonly to?: { readonly address: string; readonly name: string };
  readonly title?: string;
  /** Gets play money to pay with. */
  readonly onFaucet?: () => Promise<void>;
  readonly onClose: () => void;
  /** Called after it has been sent, beside `onClose`. */
  readonly onPaid?: () => void;
}) {
  const say = words.value;
  const to = useSignal(given?.address ?? "");
  const asset = useSignal<"coin" | "btt">("btt");
  const amount = useSignal("");
  const plan = useSignal<Plan | null>(null);
  const problem = useSignal<string | null>(null);
  const isUnderstood = useSignal(false);
  const isBusy = useSignal(false);
  const balance = balances.find((each) => each.asset === asset.value);
  const wei = parseAmount(amount.value, balance?.decimals);
  const isTooMuch = wei !== null && balance !== undefined && wei > BigInt(balance.wei);

  const work = async (what: () => Promise<void>): Promise<void> => {
    isBusy.value = true;
    problem.value = null;
    try {
      await what();
    } catch (error) {
      problem.value = payer.describeError(error);
    }
    isBusy.value = false;
  };
  const review = async (): Promise<void> =>
    work(async () => {
      if (wei === null || wei === 0n) return;
      isUnderstood.value = false;
      plan.value = await payer.plan({
        asset: asset.value,
        to: to.value.trim(),
        wei: wei.toString(),
      });
    });
  const confirm = async (planned: Plan): Promise<void> =>
    work(async () => {
      tell(await payer.pay(planned));
      onClose();
      onPaid?.();
    });
  const shown = plan.value;
  const hasWarnings = shown?.warnings.some(({ isGrave }) => isGrave) === true;
  return (
    <Dialog
      title={shown === null ? (title ?? say.send) : say.confirmSend}
      onClose={onClose}
      onSubmit={() => void (shown === null ? review() : confirm(shown))}
      foot={
        <>
          {shown !== null && (
            <button
              type="button"
              class="button"
              onClick={() => {
                plan.value = null;
              }}
            >
              {say.goBack}
            </button>
          )}
          <button type="button" class="button" onClick={onClose}>
            {say.cancel}
          </button>
          <button
            type="submit"
            class="button primary"
            disabled={
              isBusy.value ||
              (shown === null
                ? wei === null || wei === 0n || isTooMuch || to.value.trim() === ""
                : hasWarnings && !isUnderstood.value)
            }
          >
            {shown === null ? say.review : payer.payText}
          </button>
        </>
      }
    >
      {network.isPlayMoney && (
        <div>
          <PlayMoney />
        </div>
      )}
      {shown === null ? (
        <>
          {given === undefined ? (
            <>
              <TextField
                label={say.recipient}
                required
                autocomplete="off"
                hint={say.recipientHint(say.networkTitles[network.name] ?? network.title)}
                value={to.value}
                onValue={(value) => {
                  to.value = value;
                }}
              />
              <OwnWallets
                network={network.name}
                onPick={(address) => {
                  to.value = address;
                }}
              />
            </>
          ) : (
            <div class="recipient">
              <span class="label">{say.recipient}</span>
              <b>
                <bdi>{given.name}</bdi>
              </b>
              <code>{given.address}</code>
            </div>
          )}
          <Field label={say.asset}>
            {(tie) => (
              <select
                {...tie}
                value={asset.value}
                onChange={(event) => {
                  asset.value = event.currentTarget.value === "coin" ? "coin" : "btt";
                }}
              >
                {balances.map((each) => (
                  <option key={each.asset} value={each.asset}>
                    {each.symbol}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <TextField
            label={say.amount}
            inputMode="decimal"
            required
            autocomplete="off"
            value={amount.value}
            problem={
              amount.value !== "" && wei === null
                ? say.amountProblem
                : isTooMuch
                  ? say.amountTooMuch
                  : null
            }
            hint={
              balance !== undefined && (
                <>
                  {say.youHave(
                    `${format.value.amount(balance.wei, balance.decimals)} ${balance.symbol}`,
                  )}{" "}
                  <button
                    type="button"
                    class="button link small"
                    onClick={() => {
                      amount.value = plainAmount(balance.wei, balance.decimals);
                    }}
                  >
                    {say.all}
                  </button>{" "}
                  {onFaucet !== undefined && (
                    <button
                      type="button"
                      class="button link small"
                      onClick={() => void work(onFaucet)}
                    >
                      {say.faucet}
                    </button>
                  )}
                </>
              )
            }
            onValue={(value) => {
              amount.value = value;
            }}
          />
        </>
      ) : (
        <Confirmation plan={shown} signer={payer.signer} isUnderstood={isUnderstood} />
      )}
      <Problem text={problem.value} />
    </Dialog>
  );
}

function Confirmation({
  plan,
  signer,
  isUnderstood,
}: {
  readonly plan: ShownPlan;
  readonly signer: string;
  readonly isUnderstood: { value: boolean };
}) {
  const say = words.value;
  const { amount } = format.value;
  const { symbol, decimals, feeSymbol, feeDecimals } = plan;
  return (
    <>
      <div class="recipient">
        <span class="label">{say.recipient}</span>
        {plan.toName !== null && (
          <b>
            <bdi>{plan.toName}</bdi>
          </b>
        )}
        <code>{plan.to}</code>
      </div>
      <dl class="costs">
        <dt>{say.amount}</dt>
        <dd>
          {amount(plan.wei, decimals, 18)} {symbol}
        </dd>
        <dt>{say.feeProbably}</dt>
        <dd>
          {amount(plan.feeWei, feeDecimals, 9)} {feeSymbol}
        </dd>
        <dt>{say.feeAtMost}</dt>
        <dd>
          {amount(plan.maxFeeWei, feeDecimals, 9)} {feeSymbol}
        </dd>
        <dt class="total">{say.balanceAfter}</dt>
        <dd class="total">
          {amount(plan.balanceAfterWei, decimals)} {symbol}
        </dd>
      </dl>
      {plan.warnings.map(({ code, known, isGrave }) => (
        <div key={code} class={`callout ${isGrave ? "bad" : "warn"}`} role="alert">
          <div class="stack-s">
            <b>{say.sendWarnings[code]}</b>
            {known !== null && (
              <span class="wrap-anywhere">
                {say.looksLike}{" "}
                {known.name !== null && (
                  <>
                    <bdi>{known.name}</bdi>{" "}
                  </>
                )}
                <code>{known.address}</code>
              </span>
            )}
          </div>
        </div>
      ))}
      {plan.warnings.some(({ isGrave }) => isGrave) && (
        <CheckField
          label={say.understood}
          isOn={isUnderstood.value}
          onChange={(isOn) => {
            isUnderstood.value = isOn;
          }}
        />
      )}
      <p class="small quiet">
        {signer} {say.noWayBack}
      </p>
    </>
  );
}

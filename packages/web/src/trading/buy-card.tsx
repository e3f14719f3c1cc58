import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { parseAmount, plainAmount } from "../format/parse-amount.ts";
import { CheckField, TextField } from "../parts/field.tsx";
import { Figure } from "../parts/figure.tsx";
import { ProgressBar } from "../parts/progress-bar.tsx";
import { attempt } from "../state/notices.ts";
import { trading } from "../state/live.ts";
import { words } from "../words/words.ts";
import { buyingWhy } from "./reasons.ts";
import type { Trading } from "./trading-answer.ts";

/** Paying for downloads: within which budget, and what it has cost and saved. */
export function BuyCard({ state }: { readonly state: Trading }) {
  const say = words.value;
  const { buying } = state;
  const budget = useSignal<string | null>(null);
  const bid = useSignal<string | null>(null);
  const budgetWei = budget.value === null ? BigInt(buying.budgetWei) : parseAmount(budget.value);
  const bidWei =
    bid.value === null
      ? buying.bid
      : bid.value.trim() === ""
        ? null
        : (parseAmount(bid.value)?.toString() ?? undefined);
  const change = async (isOn: boolean): Promise<void> => {
    if (budgetWei === null || bidWei === undefined) return;
    const went = await attempt(async () => {
      trading.value = await api.call("changeTrading", {
        buy: { isOn, bid: bidWei, budgetWei: budgetWei.toString() },
      });
    }, say.saved);
    if (went) {
      budget.value = null;
      bid.value = null;
    }
  };
  const { amount } = format.value;
  const share =
    buying.budgetWei === "0"
      ? 0
      : 1 - Number((BigInt(buying.leftWei) * 1000n) / BigInt(buying.budgetWei)) / 1000;
  return (
    <form
      class="card"
      aria-label={say.buying}
      onSubmit={(event) => {
        event.preventDefault();
        void change(buying.isOn);
      }}
    >
      <h2>{say.buying}</h2>
      <Figure what={say.spentSoFar} wei={buying.paidWei} symbol="BTT" why={buyingWhy(state)}>
        <ProgressBar fraction={share} name={say.ofBudget(amount(buying.budgetWei))} />
        <span class="small quiet">
          {say.leftOfBudget(amount(buying.leftWei), amount(buying.budgetWei))}
          {buying.reservedWei !== "0" && ` · ${say.reserved(amount(buying.reservedWei))}`}
        </span>
      </Figure>
      <CheckField
        label={say.payForDownloads}
        hint={say.payForDownloadsHint}
        isOn={buying.isOn}
        onChange={(isOn) => void change(isOn)}
      />
      <TextField
        label={say.budget}
        inputMode="decimal"
        hint={say.budgetHint}
        problem={budgetWei === null ? say.amountProblem : null}
        value={budget.value ?? plainAmount(buying.budgetWei)}
        onValue={(value) => {
          budget.value = value;
        }}
      />
      <TextField
        label={say.bid}
        inputMode="decimal"
        placeholder={say.bidAutomatic}
        hint={say.bidHint}
        problem={bidWei === undefined ? say.amountProblem : null}
        value={bid.value ?? (buying.bid === null ? "" : plainAmount(buying.bid))}
        onValue={(value) => {
          bid.value = value;
        }}
      />
      <div>
        <button
          type="submit"
          class="button"
          disabled={
            budgetWei === null ||
            bidWei === undefined ||
            (budget.value === null && bid.value === null)
          }
        >
          {say.save}
        </button>
      </div>
    </form>
  );
}

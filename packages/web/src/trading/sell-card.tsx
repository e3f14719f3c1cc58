import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { parseAmount, plainAmount } from "../format/parse-amount.ts";
import { CheckField, TextField } from "../parts/field.tsx";
import { Figure } from "../parts/figure.tsx";
import { attempt } from "../state/notices.ts";
import { trading } from "../state/live.ts";
import { words } from "../words/words.ts";
import { sellingWhy } from "./reasons.ts";
import type { Trading } from "./trading-answer.ts";

/** Selling upload slots: on or off, from which price, and what it has brought. */
export function SellCard({ state }: { readonly state: Trading }) {
  const say = words.value;
  const { selling } = state;
  const price = useSignal<string | null>(null);
  const slots = useSignal<string | null>(null);
  const minPrice = price.value === null ? BigInt(selling.minPrice) : parseAmount(price.value);
  const freeSlots = slots.value === null ? selling.freeSlots : Number(slots.value);
  const isRight = minPrice !== null && Number.isInteger(freeSlots) && freeSlots >= 0;
  const change = async (isOn: boolean): Promise<void> => {
    if (minPrice === null || !isRight) return;
    const went = await attempt(async () => {
      trading.value = await api.call("changeTrading", {
        sell: { isOn, minPrice: minPrice.toString(), freeSlots },
      });
    }, say.saved);
    if (went) {
      price.value = null;
      slots.value = null;
    }
  };
  return (
    <form
      class="card"
      aria-label={say.selling}
      onSubmit={(event) => {
        event.preventDefault();
        void change(selling.isOn);
      }}
    >
      <h2>{say.selling}</h2>
      <Figure what={say.earnedSoFar} wei={selling.earnedWei} symbol="BTT" why={sellingWhy(state)} />
      <CheckField
        label={say.sellUpload}
        hint={say.sellUploadHint}
        isOn={selling.isOn}
        onChange={(isOn) => void change(isOn)}
      />
      <TextField
        label={say.minPrice}
        inputMode="decimal"
        hint={say.perMebibyte}
        problem={minPrice === null ? say.amountProblem : null}
        value={price.value ?? plainAmount(selling.minPrice)}
        onValue={(value) => {
          price.value = value;
        }}
      />
      <TextField
        label={say.freeSlots}
        inputMode="numeric"
        hint={say.freeSlotsHint}
        value={slots.value ?? String(selling.freeSlots)}
        onValue={(value) => {
          slots.value = value;
        }}
      />
      <div>
        <button
          type="submit"
          class="button"
          disabled={!isRight || (price.value === null && slots.value === null)}
        >
          {say.save}
        </button>
      </div>
    </form>
  );
}

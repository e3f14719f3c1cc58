import { words } from "../words/words.ts";

/** Stands wherever an amount of the embedded chain could be taken for money. */
export function PlayMoney() {
  return (
    <span class="play-money" title={words.value.playMoneyHint}>
      {words.value.playMoney}
    </span>
  );
}

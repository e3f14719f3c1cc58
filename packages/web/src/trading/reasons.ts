import type { Answer } from "@shoal/api/client";
import { words } from "../words/words.ts";

type Trading = Answer<"getTrading">;

/** Why nothing is earned at the moment, in a sentence; null while something is. */
export function sellingWhy(state: Trading | null): string | null {
  const why = state?.selling.why ?? null;
  return why === null ? null : words.value.sellingWhy[why];
}

/** Why nothing is paid at the moment, in a sentence; null while something is. */
export function buyingWhy(state: Trading | null): string | null {
  const why = state?.buying.why ?? null;
  return why === null ? null : words.value.buyingWhy[why];
}

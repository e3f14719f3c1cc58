import type { ComponentChildren } from "preact";
import { format } from "../format/format.ts";

/** One amount that matters, large, with its name, and where it is zero the reason. */
export function Figure({
  what,
  wei,
  symbol,
  decimals = 18,
  why = null,
  children,
}: {
  readonly what: string;
  readonly wei: string | bigint;
  readonly symbol: string;
  readonly decimals?: number;
  readonly why?: string | null;
  readonly children?: ComponentChildren;
}) {
  const isSmall = BigInt(wei) < 10n ** BigInt(decimals);
  return (
    <div class="figure">
      <span class="what">{what}</span>
      <span class="value">
        {format.value.amount(wei, decimals, isSmall ? 6 : 4)} <small>{symbol}</small>
      </span>
      {why !== null && <span class="why">{why}</span>}
      {children}
    </div>
  );
}

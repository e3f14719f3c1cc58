import { format } from "../format/format.ts";
import { Figure } from "../parts/figure.tsx";
import { words } from "../words/words.ts";
import type { Balance } from "./wallet-state.ts";

/** What an account has, and what of it is on its way or lies in channels. */
export function Balances({ balances }: { readonly balances: readonly Balance[] | null }) {
  const say = words.value;
  const { amount } = format.value;
  if (balances === null) return <p class="quiet">{say.loading}</p>;
  return (
    <div class="cards">
      {balances.map(({ asset, symbol, decimals, wei, pendingWei, channelWei }) => (
        <Figure
          key={asset}
          what={asset === "coin" ? say.coinFor(symbol) : say.tokenFor(symbol)}
          wei={wei}
          symbol={symbol}
          decimals={decimals}
          why={wei === "0" ? (asset === "coin" ? say.noCoinWhy : say.noTokenWhy) : null}
        >
          {pendingWei !== "0" && (
            <span class="small warn">
              {say.pendingOut(`${amount(pendingWei, decimals)} ${symbol}`)}
            </span>
          )}
          {channelWei !== "0" && (
            <span class="small quiet">
              {say.inChannels(`${amount(channelWei, decimals)} ${symbol}`)}
            </span>
          )}
        </Figure>
      ))}
    </div>
  );
}

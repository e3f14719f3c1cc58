import { api } from "../browser/connection.ts";
import { Empty } from "../parts/empty.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { Problem } from "../parts/problem.tsx";
import { trading } from "../state/live.ts";
import { hrefTo } from "../state/route.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { BuyCard } from "./buy-card.tsx";
import { Channels } from "./channels.tsx";
import { Claims } from "./claims.tsx";
import { LiveBids } from "./live-bids.tsx";
import { SellCard } from "./sell-card.tsx";

/** Selling upload and paying for downloads: what is set, and what happens at this moment. */
export function TradingPage() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("getTrading"), []);
  const state = trading.value ?? asked.data.value;
  return (
    <div class="page">
      <div class="row">
        <h1>{say.trading}</h1>
        {state?.isPlayMoney === true && <PlayMoney />}
      </div>
      <p class="quiet">{say.tradingLead}</p>
      {state === null && <Problem text={asked.problem.value} onRetry={asked.refresh} />}
      {state !== null && state.wallet === null && (
        <Empty icon="wallet" title={say.tradingNeedsWallet}>
          <p>{say.tradingNeedsWalletHint}</p>
          <a class="button primary" href={hrefTo("wallet")}>
            {say.toWallet}
          </a>
        </Empty>
      )}
      {state !== null && (
        <>
          <div class="cards">
            <SellCard state={state} />
            <BuyCard state={state} />
          </div>
          <LiveBids bids={state.bids} />
          <Claims />
          <Channels />
          <p class="small quiet">{state.isPlayMoney ? say.riskPlay : say.riskMoney}</p>
        </>
      )}
    </div>
  );
}

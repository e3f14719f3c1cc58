import { useSignal } from "@preact/signals";
import type { Answer } from "@shoal/api/client";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { Figure } from "../parts/figure.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { Plot } from "../parts/plot.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { trading } from "../state/live.ts";
import { attempt, tell } from "../state/notices.ts";
import { preferences } from "../state/preferences.ts";
import { hrefTo } from "../state/route.ts";
import { useAnswer } from "../state/use-answer.ts";
import { isPlayMoney } from "../wallet/wallet-state.ts";
import { buyingWhy, sellingWhy } from "../trading/reasons.ts";
import { words } from "../words/words.ts";
import { claimedWithin, rewardsByPoint } from "./claimed-rewards.ts";
import { DateRange, type Range, rangeOfDays } from "./date-range.tsx";

type Earnings = Answer<"getEarnings">;
const EARNINGS_MS = 5000;
/** They change once an epoch, and reading them takes the chain some work. */
const REWARDS_MS = 60_000;
const POINTS = 60;
const DECIMALS = 1e18;

/** What upload has earned and downloads have cost, and why where that is nothing. All in BTT. */
export function EarningsPage() {
  const say = words.value;
  const range = useSignal<Range>(rangeOfDays(7, Date.now()));
  const asked = useAnswer(
    async () => api.call("getEarnings", { ...range.value, points: POINTS }),
    [range.value],
    EARNINGS_MS,
  );
  const epochs = useAnswer(async () => api.call("listRewards"), [], REWARDS_MS);
  const rewards = claimedWithin(epochs.data.value?.rewards ?? [], range.value);
  const rewarded = rewards.reduce((total, { wei }) => total + BigInt(wei), 0n);
  const state = trading.value;
  const amountOf = (wei: string): string => `${format.value.amount(wei)} BTT`;
  const answer = asked.data.value;
  const cash = async (): Promise<void> => {
    await attempt(async () => {
      const { claims, grossWei } = await api.call("redeemClaims");
      tell(claims === 0 ? say.summaries.nothing : say.cashedNow(claims, amountOf(grossWei)));
      asked.refresh();
    });
  };
  const sum = (read: (point: Earnings["points"][number]) => string): bigint =>
    (answer?.points ?? []).reduce((total, point) => total + BigInt(read(point)), 0n);
  const earned = sum(({ earnedWei }) => earnedWei);
  const spent = sum(({ spentWei }) => spentWei);
  const unredeemed = BigInt(state?.selling.unredeemedWei ?? 0);
  return (
    <div class="page">
      <div class="page-head">
        <div class="row">
          <h1>{say.earnings}</h1>
          {isPlayMoney.value && <PlayMoney />}
        </div>
        <DateRange range={range} />
      </div>
      <Problem text={asked.problem.value} onRetry={asked.refresh} />
      <section class="cards four" aria-label={say.totals}>
        <div class="card">
          <Figure
            what={say.earned}
            wei={earned}
            symbol="BTT"
            why={earned > 0n ? null : (sellingWhy(state) ?? say.nobodyBidYet)}
          />
        </div>
        <div class="card">
          <Figure
            what={say.spent}
            wei={spent}
            symbol="BTT"
            why={spent > 0n ? null : (buyingWhy(state) ?? say.nothingSpent)}
          />
        </div>
        <div class="card">
          <Figure
            what={say.rewardsClaimed}
            wei={rewarded}
            symbol="BTT"
            why={rewarded > 0n ? say.rewardsClaimedHint : say.noRewardsClaimed}
          />
        </div>
        <div class="card">
          <Figure
            what={say.toBeCashed}
            wei={unredeemed}
            symbol="BTT"
            why={unredeemed > 0n ? say.toBeCashedHint : say.nothingToCash}
          />
          <div>
            <button
              type="button"
              class="button primary"
              disabled={unredeemed === 0n}
              onClick={() => void cash()}
            >
              {say.cashAll}
            </button>
          </div>
        </div>
      </section>
      {answer !== null && (
        <EarningsPlot answer={answer} rewards={rewardsByPoint(rewards, answer)} />
      )}
      {answer !== null && <ByTorrent answer={answer} />}
      <p class="small quiet">{isPlayMoney.value ? say.riskPlay : say.riskMoney}</p>
    </div>
  );
}

function EarningsPlot({
  answer,
  rewards,
}: {
  readonly answer: Earnings;
  /** Wei, beside the answer's points. */
  readonly rewards: readonly bigint[];
}) {
  const say = words.value;
  const { points } = answer;
  const { amount, number } = format.value;
  // A picture needs no more digits than a number has; figures beside it are exact.
  const read = (wei: string): number => Number(BigInt(wei)) / DECIMALS;
  const most = points.reduce((greatest, { earnedWei }) => {
    const wei = BigInt(earnedWei);
    return wei > greatest ? wei : greatest;
  }, 0n);
  return (
    <section class="card" aria-label={say.overTime}>
      <div class="legend">
        <span>
          <i class="swatch down" />
          {say.earned}
        </span>
        <span>
          <i class="swatch up" />
          {say.spent}
        </span>
        <span>
          <i class="swatch rewards" />
          {say.rewardsClaimed}
        </span>
        <span class="quiet">BTT</span>
      </div>
      <Plot
        times={points.map(({ atMs }) => atMs / 1000)}
        heightPx={220}
        lines={[
          {
            name: say.earned,
            colour: "--down",
            values: points.map((point) => read(point.earnedWei)),
            isFilled: true,
          },
          {
            name: say.spent,
            colour: "--up",
            values: points.map((point) => read(point.spentWei)),
            isFilled: true,
          },
          {
            name: say.rewardsClaimed,
            colour: "--good",
            values: rewards.map((wei) => read(String(wei))),
          },
        ]}
        locale={preferences.value.language}
        formatValue={(value) =>
          number(value, value >= 10 || value === 0 ? 0 : value >= 0.1 ? 2 : 4)
        }
        summary={say.earningsSummary(amount(most))}
      />
    </section>
  );
}

function ByTorrent({ answer }: { readonly answer: Earnings }) {
  const say = words.value;
  const { amount, bytes } = format.value;
  if (answer.torrents.length === 0) {
    return (
      <Empty icon="chart" title={say.noEarnings}>
        <p>{say.noEarningsHint}</p>
        <a class="button" href={hrefTo("trading")}>
          {say.toTrading}
        </a>
      </Empty>
    );
  }
  return (
    <section class="stack-s" aria-label={say.byTorrent}>
      <h2>{say.byTorrent}</h2>
      <SortTable
        name={say.byTorrent}
        rows={answer.torrents}
        sort="earned"
        keyOf={({ infoHash }) => infoHash}
        columns={[
          {
            id: "name",
            head: say.name,
            by: ({ name }) => name,
            isLong: true,
            cell: ({ name, infoHash }) =>
              infoHash === "" ? (
                say.otherTorrents
              ) : (
                <a href={hrefTo("torrents", infoHash)}>
                  <bdi>{name}</bdi>
                </a>
              ),
          },
          {
            id: "sold",
            head: say.sold,
            by: ({ soldBytes }) => soldBytes,
            isEnd: true,
            cell: ({ soldBytes }) => bytes(soldBytes),
          },
          {
            id: "earned",
            head: say.earnedIn,
            by: ({ earnedWei }) => Number(earnedWei),
            isEnd: true,
            cell: ({ earnedWei }) => amount(earnedWei),
          },
          {
            id: "spent",
            head: say.spentIn,
            by: ({ spentWei }) => Number(spentWei),
            isEnd: true,
            cell: ({ spentWei }) => amount(spentWei),
          },
          {
            id: "why",
            head: say.reason,
            isLong: true,
            cell: ({ why }) =>
              why === null ? <span class="quiet">–</span> : say.torrentEarningWhy[why],
          },
        ]}
      />
    </section>
  );
}

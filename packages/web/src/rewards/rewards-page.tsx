import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { Figure } from "../parts/figure.tsx";
import { HashText } from "../parts/hash-text.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt, tell } from "../state/notices.ts";
import { useAnswer } from "../state/use-answer.ts";
import { isPlayMoney } from "../wallet/wallet-state.ts";
import { words } from "../words/words.ts";
import { Bounties } from "./bounties.tsx";

const REWARDS_MS = 10_000;
const TONES = {
  "not-posted": "",
  differs: "bad",
  waiting: "accent",
  claimable: "good",
  claimed: "",
} as const;

/** What seeding is rewarded with by epoch, and bounties for keeping a torrent alive. */
export function RewardsPage() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listRewards"), [], REWARDS_MS);
  const rewards = asked.data.value?.rewards;
  const ready = (rewards ?? [])
    .filter(({ state }) => state === "claimable")
    .reduce((sum, { wei }) => sum + BigInt(wei), 0n);
  const { amount, dateTime } = format.value;
  const claim = async (): Promise<void> => {
    await attempt(async () => {
      const { summary } = await api.call("claimRewards");
      tell(say.summaries[summary]);
      asked.refresh();
    });
  };
  return (
    <div class="page">
      <div class="row">
        <h1>{say.rewards}</h1>
        {isPlayMoney.value && <PlayMoney />}
      </div>
      <p class="quiet">{say.rewardsLead}</p>
      <Problem text={asked.problem.value} onRetry={asked.refresh} />
      <section class="card" aria-label={say.rewardsReady}>
        <Figure
          what={say.rewardsReady}
          wei={ready}
          symbol="BTT"
          why={ready > 0n ? null : say.noRewardsWhy}
        />
        <div>
          <button
            type="button"
            class="button primary"
            disabled={ready === 0n}
            onClick={() => void claim()}
          >
            {say.claimAll}
          </button>
        </div>
        {asked.data.value?.address !== null && asked.data.value?.address !== undefined && (
          <p class="small quiet">
            {say.rewardAddress} <HashText text={asked.data.value.address} name={say.address} />
          </p>
        )}
      </section>
      {rewards?.length === 0 && (
        <Empty icon="star" title={say.noEpochs}>
          <p>{say.noEpochsHint}</p>
        </Empty>
      )}
      {rewards !== undefined && rewards.length > 0 && (
        <SortTable
          name={say.rewards}
          rows={rewards}
          keyOf={({ epoch }) => epoch}
          columns={[
            { id: "epoch", head: say.epoch, isEnd: true, cell: ({ epoch }) => epoch },
            {
              id: "time",
              head: say.when,
              cell: ({ startsAtMs, endsAtMs }) => `${dateTime(startsAtMs)} – ${dateTime(endsAtMs)}`,
            },
            {
              id: "state",
              head: say.state,
              cell: ({ state }) => (
                <span class={`tag ${TONES[state]}`}>{say.rewardStates[state]}</span>
              ),
            },
            { id: "wei", head: say.earnedIn, isEnd: true, cell: ({ wei }) => amount(wei) },
            {
              id: "claimable",
              head: say.claimableFrom,
              isEnd: true,
              cell: ({ claimableAtMs }) => (claimableAtMs === null ? "–" : dateTime(claimableAtMs)),
            },
          ]}
        />
      )}
      <Bounties />
    </div>
  );
}

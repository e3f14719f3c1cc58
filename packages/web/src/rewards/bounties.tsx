import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { revision, torrentOf } from "../state/live.ts";
import { may } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { BountyDialog } from "./bounty-dialog.tsx";

const BOUNTIES_MS = 30_000;

/** Money that somebody pays by the day to whoever seeds a torrent. */
export function Bounties() {
  const say = words.value;
  void revision.value;
  const asked = useAnswer(async () => api.call("listBounties"), [], BOUNTIES_MS);
  const making = useSignal(false);
  const bounties = asked.data.value?.bounties;
  const { amount, date } = format.value;
  return (
    <section class="stack" aria-label={say.bounties}>
      <div class="row spread">
        <h2>{say.bounties}</h2>
        {may("wallet") && (
          <button
            type="button"
            class="button"
            onClick={() => {
              making.value = true;
            }}
          >
            <Icon name="add" />
            {say.makeBounty}
          </button>
        )}
      </div>
      <Problem text={asked.problem.value} onRetry={asked.refresh} />
      {bounties?.length === 0 && (
        <Empty icon="star" title={say.noBounties}>
          <p>{say.noBountiesHint}</p>
        </Empty>
      )}
      {bounties !== undefined && bounties.length > 0 && (
        <SortTable
          name={say.bounties}
          rows={bounties}
          keyOf={({ id }) => id}
          columns={[
            {
              id: "torrent",
              head: say.torrent,
              isLong: true,
              cell: ({ infoHash, isOwn }) => (
                <>
                  <bdi>{torrentOf(infoHash)?.name ?? infoHash}</bdi>{" "}
                  {isOwn && <span class="tag accent">{say.own}</span>}
                </>
              ),
            },
            {
              id: "day",
              head: say.perDay,
              isEnd: true,
              cell: ({ perDayWei }) => amount(perDayWei),
            },
            {
              id: "rest",
              head: say.remaining,
              isEnd: true,
              cell: ({ remainingWei }) => amount(remainingWei),
            },
            { id: "ends", head: say.ends, isEnd: true, cell: ({ endsAtMs }) => date(endsAtMs) },
          ]}
        />
      )}
      {making.value && (
        <BountyDialog
          onClose={() => {
            making.value = false;
            asked.refresh();
          }}
        />
      )}
    </section>
  );
}

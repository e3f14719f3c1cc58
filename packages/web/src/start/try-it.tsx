import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Figure } from "../parts/figure.tsx";
import { Icon } from "../parts/icon.tsx";
import { PlayMoney } from "../parts/play-money.tsx";
import { ProgressBar } from "../parts/progress-bar.tsx";
import { revision, sample, torrentOf, trading } from "../state/live.ts";
import { attempt } from "../state/notices.ts";
import { BidTable } from "../trading/live-bids.tsx";
import { buyingWhy } from "../trading/reasons.ts";
import { words } from "../words/words.ts";

/** The sample swarm: a download that is paid for while one watches, in play money. */
export function TryIt({ onDone }: { readonly onDone: () => void }) {
  const say = words.value;
  void revision.value;
  const state = sample.value;
  const torrent = torrentOf(state?.infoHash ?? "");
  const start = async (): Promise<void> => {
    await attempt(async () => {
      sample.value = await api.call("startSample");
    });
  };
  const stop = async (): Promise<void> => {
    await attempt(async () => {
      sample.value = await api.call("stopSample");
    });
    onDone();
  };
  const { rate, percent, bytes } = format.value;
  const bids = (trading.value?.bids ?? []).filter(
    ({ infoHash, role }) => infoHash === state?.infoHash && role === "buying",
  );
  const paid = bids.reduce((sum, { paidWei }) => sum + BigInt(paidWei), 0n);
  // The bids are gone when all is here.
  const spent = paid === 0n ? BigInt(trading.value?.buying.spentWei ?? "0") : paid;
  if (state === null || state.state === "off" || state.state === "failed") {
    return (
      <div class="stack">
        {state?.state === "failed" && (
          <p class="callout bad" role="alert">
            {say.sampleFailed} {state.error}
          </p>
        )}
        <div class="row">
          <PlayMoney />
          <span class="small quiet">{say.playMoneyHint}</span>
        </div>
        <div class="row">
          <button type="button" class="button primary large" onClick={() => void start()}>
            <Icon name="play" />
            {say.startSample}
          </button>
          <button type="button" class="button plain large" onClick={onDone}>
            {say.noThanks}
          </button>
        </div>
      </div>
    );
  }
  const isDone = state.state === "done" || torrent?.state === "seeding";
  return (
    <div class="stack">
      <section class="card" aria-label={say.sampleDownload}>
        <div class="row spread">
          <h2>
            <bdi>{torrent?.name ?? say.sampleDownload}</bdi>
          </h2>
          <PlayMoney />
        </div>
        <ProgressBar
          fraction={torrent?.progress ?? 0}
          kind={torrent?.state ?? "metadata"}
          name={say.progress}
        />
        <p class="headline-numbers" role="status">
          <span>
            {state.state === "preparing" ? say.samplePreparing : say.sampleSellers(state.sellers)}
          </span>
          {torrent !== undefined && (
            <>
              <span>
                <b>{percent(torrent.progress)}</b>
              </span>
              <span>{say.ofSize(bytes(torrent.verifiedBytes), bytes(torrent.sizeBytes))}</span>
              {!isDone && (
                <span>
                  <b>{rate(torrent.downloadRate)}</b>
                </span>
              )}
            </>
          )}
        </p>
        <Figure
          what={say.paidSoFar}
          wei={spent}
          symbol="BTT"
          why={spent === 0n ? buyingWhy(trading.value) : null}
        />
      </section>
      {bids.length > 0 && <BidTable name={say.payments} bids={bids} />}
      {isDone && <p class="callout good">{say.sampleDone}</p>}
      <div>
        <button
          type="button"
          class={`button large ${isDone ? "primary" : ""}`}
          onClick={() => void (isDone ? onDone() : stop())}
        >
          {isDone ? say.toTorrents : say.stopSample}
        </button>
      </div>
    </div>
  );
}

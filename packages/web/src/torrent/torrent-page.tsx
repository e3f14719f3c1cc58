import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Icon } from "../parts/icon.tsx";
import { Menu } from "../parts/menu.tsx";
import { Problem } from "../parts/problem.tsx";
import { ProgressBar } from "../parts/progress-bar.tsx";
import { TabList } from "../parts/tab-list.tsx";
import { revision, torrentOf } from "../state/live.ts";
import { attempt } from "../state/notices.ts";
import { go, hrefTo } from "../state/route.ts";
import { may } from "../state/session.ts";
import type { Torrent } from "../state/torrent.ts";
import { useAnswer } from "../state/use-answer.ts";
import { RemoveDialog } from "../torrents/remove-dialog.tsx";
import { CategoryDialog } from "../torrents/category-dialog.tsx";
import { words } from "../words/words.ts";
import { FilesTab } from "./files-tab.tsx";
import { OverviewTab } from "./overview-tab.tsx";
import { PeersTab } from "./peers-tab.tsx";
import { PiecesTab } from "./pieces-tab.tsx";
import { SourcesTab } from "./sources-tab.tsx";

const TABS = ["overview", "files", "pieces", "peers", "sources"] as const;
type Tab = (typeof TABS)[number];
const DETAIL_MS = 3000;

/** Everything about one torrent. */
export function TorrentPage({
  infoHash,
  tab,
}: {
  readonly infoHash: string;
  readonly tab: string;
}) {
  void revision.value;
  const say = words.value;
  const detail = useAnswer(async () => api.call("getTorrent", { infoHash }), [infoHash], DETAIL_MS);
  // The list's own copy is newer: events bring it.
  const torrent: Torrent | undefined = torrentOf(infoHash) ?? detail.data.value ?? undefined;
  const current: Tab = TABS.find((each) => each === tab) ?? "overview";
  return (
    <div class="page">
      <a class="back" href={hrefTo("torrents")}>
        <Icon name="back" />
        {say.torrents}
      </a>
      {torrent === undefined ? (
        <Problem text={detail.problem.value} onRetry={detail.refresh} />
      ) : (
        <>
          <Headline torrent={torrent} onChange={detail.refresh} />
          <TabList
            name={say.partsOfTorrent}
            current={current}
            tabs={TABS.map((id) => ({
              id,
              text: say.tabs[id],
              href: hrefTo("torrents", infoHash, id),
            }))}
          />
          {current === "overview" && (
            <OverviewTab torrent={torrent} detail={detail.data.value} onChange={detail.refresh} />
          )}
          {current === "files" && <FilesTab infoHash={infoHash} />}
          {current === "pieces" && (
            <PiecesTab infoHash={infoHash} pieceLengthBytes={detail.data.value?.pieceLengthBytes} />
          )}
          {current === "peers" && <PeersTab infoHash={infoHash} />}
          {current === "sources" && <SourcesTab infoHash={infoHash} />}
        </>
      )}
    </div>
  );
}

function Headline({
  torrent,
  onChange,
}: {
  readonly torrent: Torrent;
  readonly onChange: () => void;
}) {
  const say = words.value;
  const removing = useSignal(false);
  const sorting = useSignal(false);
  const { infoHash, state, progress, downloadRate, uploadRate, etaS } = torrent;
  const { bytes, rate, percent, duration, number } = format.value;
  const isStopped = state === "paused" || state === "closed" || state === "error";
  const act = (action: "pause" | "resume" | "force-start" | "recheck" | "reannounce"): void => {
    void attempt(async () => {
      await api.call("actOnTorrents", { infoHashes: [infoHash], action });
      onChange();
    });
  };
  const canChange = may("torrents");
  return (
    <header class="headline">
      <div class="page-head">
        <h1>
          <bdi>{torrent.name}</bdi>
        </h1>
        {canChange && (
          <div class="row">
            <button
              type="button"
              class="button"
              onClick={() => act(isStopped ? "resume" : "pause")}
            >
              <Icon name={isStopped ? "play" : "pause"} />
              {isStopped ? say.resume : say.pause}
            </button>
            <Menu
              name={say.moreActions}
              items={[
                { text: say.forceStart, icon: "speed", onPick: () => act("force-start") },
                { text: say.recheck, icon: "check", onPick: () => act("recheck") },
                { text: say.reannounce, icon: "refresh", onPick: () => act("reannounce") },
                {
                  text: say.setCategory,
                  icon: "folder",
                  onPick: () => {
                    sorting.value = true;
                  },
                },
                {
                  text: say.remove,
                  icon: "trash",
                  onPick: () => {
                    removing.value = true;
                  },
                },
              ]}
            />
          </div>
        )}
      </div>
      <ProgressBar fraction={progress} kind={state} name={say.progress} />
      <p class="headline-numbers">
        <span>
          <b>{say.states[state]}</b> {percent(progress)}
        </span>
        <span>{say.ofSize(bytes(torrent.verifiedBytes), bytes(torrent.sizeBytes))}</span>
        <span>
          {say.down} <b>{rate(downloadRate)}</b>
        </span>
        <span>
          {say.up} <b>{rate(uploadRate)}</b>
        </span>
        {etaS !== null && <span>{say.left(duration(etaS))}</span>}
        <span>
          {say.ratio} <b>{number(torrent.ratio, 2)}</b>
        </span>
      </p>
      {removing.value && (
        <RemoveDialog
          infoHashes={[infoHash]}
          onClose={() => {
            removing.value = false;
          }}
          onDone={() => go("torrents")}
        />
      )}
      {sorting.value && (
        <CategoryDialog
          infoHashes={[infoHash]}
          onClose={() => {
            sorting.value = false;
            onChange();
          }}
        />
      )}
    </header>
  );
}

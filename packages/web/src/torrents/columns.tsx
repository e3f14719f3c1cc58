import type { ComponentChildren } from "preact";
import { format, type Format } from "../format/format.ts";
import { ProgressBar } from "../parts/progress-bar.tsx";
import type { SortKey } from "../state/arrange.ts";
import type { Torrent } from "../state/torrent.ts";
import { describeCode } from "../words/describe-problem.ts";
import { type Catalogue, words } from "../words/words.ts";

export interface TorrentColumn {
  readonly sort: SortKey;
  readonly head: (words: Catalogue) => string;
  readonly isEnd?: boolean;
  /** Where it is left out: on a narrow screen, or on all but wide ones. */
  readonly room?: "desk-only" | "wide-only desk-only" | "widest-only wide-only desk-only";
  readonly cell: (torrent: Torrent, format: Format) => ComponentChildren;
}

/** What a list shows of each torrent, in this order; their widths are in `grid.css`. */
export const COLUMNS: readonly TorrentColumn[] = [
  { sort: "name", head: ({ name }) => name, cell: (torrent) => <NameCell torrent={torrent} /> },
  {
    sort: "sizeBytes",
    head: ({ size }) => size,
    isEnd: true,
    room: "desk-only",
    cell: ({ sizeBytes }, { bytes }) => (sizeBytes === 0 ? "–" : bytes(sizeBytes)),
  },
  {
    sort: "progress",
    head: ({ progress }) => progress,
    cell: (torrent, { percent }) => (
      <div class="progress-cell">
        <span class="words">
          <span>{words.value.states[torrent.state]}</span>
          {torrent.state !== "seeding" && torrent.state !== "metadata" && (
            <span>{percent(torrent.progress)}</span>
          )}
        </span>
        <ProgressBar fraction={torrent.progress} kind={torrent.state} />
      </div>
    ),
  },
  {
    sort: "downloadRate",
    head: ({ down }) => down,
    isEnd: true,
    room: "desk-only",
    cell: ({ downloadRate }, { rate }) => (
      <span class={`rate-down ${downloadRate < 1 ? "idle" : ""}`}>{rate(downloadRate)}</span>
    ),
  },
  {
    sort: "uploadRate",
    head: ({ up }) => up,
    isEnd: true,
    room: "desk-only",
    cell: ({ uploadRate }, { rate }) => (
      <span class={`rate-up ${uploadRate < 1 ? "idle" : ""}`}>{rate(uploadRate)}</span>
    ),
  },
  {
    sort: "etaS",
    head: ({ eta }) => eta,
    isEnd: true,
    room: "desk-only",
    cell: ({ etaS }, { duration }) => (etaS === null ? "–" : duration(etaS)),
  },
  {
    sort: "peers",
    head: ({ peers }) => peers,
    isEnd: true,
    room: "wide-only desk-only",
    cell: ({ seeds, leechers }, { number }) => number(seeds + leechers),
  },
  {
    sort: "ratio",
    head: ({ ratio }) => ratio,
    isEnd: true,
    room: "wide-only desk-only",
    cell: ({ ratio }, { number }) => number(ratio, 2),
  },
  {
    sort: "addedAtMs",
    head: ({ added }) => added,
    isEnd: true,
    room: "widest-only wide-only desk-only",
    cell: ({ addedAtMs }, { date }) => date(addedAtMs),
  },
];

function NameCell({ torrent }: { readonly torrent: Torrent }) {
  return (
    <div class="name-cell">
      <a
        class="name"
        href={`#/torrents/${torrent.infoHash}`}
        tabIndex={-1}
        title={torrent.name}
        draggable={false}
      >
        <bdi>{torrent.name}</bdi>
      </a>
      <span class="about">{aboutOf(torrent)}</span>
    </div>
  );
}

/** The one thing that is worth knowing of a torrent beside its figures. */
function aboutOf(torrent: Torrent): string {
  const {
    error,
    errorCode,
    slow,
    state,
    downloadRate,
    etaS,
    verifiedBytes,
    sizeBytes,
    uploadedBytes,
  } = torrent;
  const { bytes, rate, duration } = format.value;
  const say = words.value;
  if (error !== null) return describeCode(errorCode, error, say);
  if (state === "metadata") return say.fetchingMetadata;
  if (sizeBytes === 0) return slow === null ? "" : words.value.slowWhy[slow];
  if (state === "seeding") return say.uploadedSoFar(bytes(uploadedBytes));
  const parts = [say.ofSize(bytes(verifiedBytes), bytes(sizeBytes))];
  if (downloadRate >= 1) parts.push(rate(downloadRate));
  if (etaS !== null && downloadRate >= 1) parts.push(say.left(duration(etaS)));
  else if (slow !== null && state === "downloading") parts.push(words.value.slowWhy[slow]);
  return parts.join(" · ");
}

import { format } from "../format/format.ts";
import type { Torrent } from "../state/torrent.ts";
import { COLUMNS } from "./columns.tsx";

export const rowId = (infoHash: string): string => `torrent-${infoHash}`;

/** One torrent of the list. Drawn again only when its torrent is another object: signals compare its properties. */
export function TorrentRow({
  torrent,
  index,
  topPx,
  isSelected,
  isCursor,
}: {
  readonly torrent: Torrent;
  readonly index: number;
  readonly topPx: number;
  readonly isSelected: boolean;
  readonly isCursor: boolean;
}) {
  const formats = format.value;
  return (
    <div
      id={rowId(torrent.infoHash)}
      role="row"
      class={`grid-row ${isCursor ? "cursor" : ""}`}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-row={torrent.infoHash}
      style={{ transform: `translateY(${topPx}px)` }}
    >
      {COLUMNS.map(({ sort, isEnd, room, cell }) => (
        <div
          key={sort}
          role="gridcell"
          class={`${isEnd === true ? "end" : ""} ${room === undefined ? "" : room}`}
        >
          {cell(torrent, formats)}
        </div>
      ))}
    </div>
  );
}

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { arrangement, order, revision, torrentOf } from "../state/live.ts";
import { preferences } from "../state/preferences.ts";
import { go } from "../state/route.ts";
import { rowBeside, select, type Selection, selectAll } from "../state/selection.ts";
import type { SortKey } from "../state/arrange.ts";
import { words } from "../words/words.ts";
import { COLUMNS } from "./columns.tsx";
import { rowId, TorrentRow } from "./torrent-row.tsx";
import { useVirtualRows } from "./use-virtual-rows.ts";

const HEAD_PX = 34;
const ROW_PX = 52;
const NARROW_ROW_PX = 60;
const COMPACT_ROW_PX = 30;

/** The list of torrents: a grid that the keyboard walks, of which only what can be seen is in the page. */
export function TorrentGrid({
  selection,
  onRemove,
}: {
  readonly selection: Signal<Selection>;
  readonly onRemove: () => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const rowPx = useRowHeight();
  const hashes = order.value;
  void revision.value;
  const rows = useVirtualRows(box, hashes.length, rowPx, HEAD_PX);
  const { selected, cursor } = selection.value;

  const moveTo = (row: string | null, event: KeyboardEvent | MouseEvent): void => {
    if (row === null) return;
    const mode = event.shiftKey ? "range" : event.ctrlKey || event.metaKey ? "move" : "only";
    selection.value = select(selection.value, hashes, row, mode);
    rows.scrollTo(hashes.indexOf(row));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== box.current) return;
    const step = stepOf(event.key, rows.perPage(), hashes.length);
    if (step !== null) moveTo(rowBeside(selection.value, hashes, step), event);
    else if (event.key === " " && cursor !== null)
      selection.value = select(selection.value, hashes, cursor, "toggle");
    else if (event.key === "a" && (event.ctrlKey || event.metaKey))
      selection.value = selectAll(hashes, selection.value);
    else if (event.key === "Escape") selection.value = { ...selection.value, selected: new Set() };
    else if (event.key === "Enter" && cursor !== null) go("torrents", cursor);
    else if (event.key === "Delete" && selected.size > 0) onRemove();
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest<HTMLElement>("[data-row]")?.dataset["row"];
    if (row === undefined) return;
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.metaKey;
    if (target?.closest("a") !== null) {
      if (isPlain) return;
      event.preventDefault();
    }
    const mode = event.shiftKey ? "range" : isPlain ? "only" : "toggle";
    selection.value = select(selection.value, hashes, row, mode);
    box.current?.focus({ preventScroll: true });
  };
  const onDblClick = (event: MouseEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest<HTMLElement>("[data-row]")?.dataset["row"];
    if (row !== undefined) go("torrents", row);
  };
  const isCursorDrawn = cursor !== null && rows.items.some(({ index }) => hashes[index] === cursor);
  return (
    <div
      ref={box}
      class="grid"
      role="grid"
      tabIndex={0}
      aria-label={words.value.torrents}
      aria-rowcount={hashes.length + 1}
      aria-multiselectable
      aria-activedescendant={isCursorDrawn ? rowId(cursor) : undefined}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDblClick={onDblClick}
    >
      <GridHead />
      <div class="grid-body" role="rowgroup" style={{ height: `${rows.totalPx}px` }}>
        {rows.items.map(({ index, start, slot }) => {
          const infoHash = hashes[index];
          const torrent = infoHash === undefined ? undefined : torrentOf(infoHash);
          if (infoHash === undefined || torrent === undefined) return null;
          return (
            <TorrentRow
              // A row that has left the screen is given to the next that comes: to change its words takes a
              // fraction of what new elements take.
              key={slot}
              torrent={torrent}
              index={index}
              topPx={start - HEAD_PX}
              isSelected={selected.has(infoHash)}
              isCursor={cursor === infoHash}
            />
          );
        })}
      </div>
    </div>
  );
}

function GridHead() {
  const { sort, descending } = arrangement.value;
  const sortBy = (wanted: SortKey): void => {
    const isFirst = sort !== wanted;
    arrangement.value = {
      ...arrangement.value,
      sort: wanted,
      // Names begin at A, figures at the greatest.
      descending: isFirst ? wanted !== "name" && wanted !== "etaS" : !descending,
    };
  };
  return (
    <div role="rowgroup" class="grid-head-group">
      <div class="grid-head" role="row" aria-rowindex={1}>
        {COLUMNS.map((column) => {
          const isSorted = column.sort === sort;
          return (
            <div
              key={column.sort}
              role="columnheader"
              class={column.room ?? ""}
              aria-sort={isSorted ? (descending ? "descending" : "ascending") : "none"}
            >
              <button
                type="button"
                class={`sort ${column.isEnd === true ? "end" : ""}`}
                onClick={() => sortBy(column.sort)}
              >
                {column.head(words.value)}
                {isSorted && <Icon name={descending ? "down" : "up"} />}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function stepOf(key: string, perPage: number, count: number): number | null {
  switch (key) {
    case "ArrowDown":
      return 1;
    case "ArrowUp":
      return -1;
    case "PageDown":
      return perPage;
    case "PageUp":
      return -perPage;
    case "Home":
      return -count;
    case "End":
      return count;
    default:
      return null;
  }
}

function useRowHeight(): number {
  const isNarrow = useSignal(matchMedia("(max-width: 720px)").matches);
  useEffect(() => {
    const media = matchMedia("(max-width: 720px)");
    const follow = (): void => {
      isNarrow.value = media.matches;
    };
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);
  if (preferences.value.isCompact) return COMPACT_ROW_PX;
  return isNarrow.value ? NARROW_ROW_PX : ROW_PX;
}

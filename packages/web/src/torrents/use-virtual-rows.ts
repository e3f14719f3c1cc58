import { useSignal } from "@preact/signals";
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A row, and which of the elements that there are it is drawn with. */
export interface DrawnRow {
  readonly index: number;
  /** Pixels from the top of what scrolls. */
  readonly start: number;
  readonly slot: number;
}

export interface VirtualRows {
  /** By slot, so that no element has to move in the page; that is by index, but for the time of scrolling. */
  readonly items: readonly DrawnRow[];
  readonly totalPx: number;
  readonly scrollTo: (index: number) => void;
  /** Rows that fit, for Page Up and Page Down. */
  readonly perPage: () => number;
}

const OVERSCAN_ROWS = 4;

/** The rows of a long list that can be seen. @param headPx What sticks at the top of the box that scrolls. */
export function useVirtualRows(
  box: { readonly current: HTMLElement | null },
  count: number,
  rowPx: number,
  headPx: number,
): VirtualRows {
  const drawn = useSignal(0);
  void drawn.value;
  const first = useRef(0);
  const held = useRef<Virtualizer<HTMLElement, HTMLElement> | null>(null);
  const options = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN_ROWS,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => {
      drawn.value++;
    },
  };
  held.current ??= new Virtualizer<HTMLElement, HTMLElement>(options);
  const rows = held.current;
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), [rows]);
  useLayoutEffect(() => rows._willUpdate());
  useLayoutEffect(() => rows.measure(), [rows, rowPx]);
  const items = rows.getVirtualItems();
  // At rest the page has rows in their order, as whoever reads it aloud wants it.
  if (!rows.isScrolling) first.current = items[0]?.index ?? 0;
  const fitting = Math.ceil((box.current?.clientHeight ?? 0) / rowPx);
  const slots = Math.max(items.length, fitting + 2 * OVERSCAN_ROWS + 2);
  const slotOf = (index: number): number => (((index - first.current) % slots) + slots) % slots;
  return {
    items: items
      .map(({ index, start }) => ({ index, start, slot: slotOf(index) }))
      .sort((a, b) => a.slot - b.slot),
    totalPx: rows.getTotalSize(),
    scrollTo: (index) => rows.scrollToIndex(index),
    perPage: () =>
      Math.max(Math.floor(((box.current?.clientHeight ?? rowPx) - headPx) / rowPx) - 1, 1),
  };
}

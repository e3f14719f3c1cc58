import { useSignal } from "@preact/signals";
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useRef } from "preact/hooks";

export interface VirtualRows {
  readonly items: readonly VirtualItem[];
  readonly totalPx: number;
  readonly scrollTo: (index: number) => void;
  /** Rows that fit, for Page Up and Page Down. */
  readonly perPage: () => number;
}

const OVERSCAN_ROWS = 8;

/** The rows of a long list that can be seen. @param headPx What sticks at the top of the box that scrolls. */
export function useVirtualRows(
  box: { readonly current: HTMLElement | null },
  count: number,
  rowPx: number,
  headPx: number,
): VirtualRows {
  const drawn = useSignal(0);
  void drawn.value;
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
  return {
    items: rows.getVirtualItems(),
    totalPx: rows.getTotalSize(),
    scrollTo: (index) => rows.scrollToIndex(index),
    perPage: () =>
      Math.max(Math.floor(((box.current?.clientHeight ?? rowPx) - headPx) / rowPx) - 1, 1),
  };
}

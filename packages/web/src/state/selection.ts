/** Which rows of a list are selected, where a range begins, and which row the keyboard is at. */
export interface Selection {
  readonly selected: ReadonlySet<string>;
  readonly anchor: string | null;
  readonly cursor: string | null;
}

export const NOTHING_SELECTED: Selection = { selected: new Set(), anchor: null, cursor: null };

/** `only`: as a plain click. `toggle`: with Ctrl. `range`: with Shift, from where the last one was. `move`: the cursor alone. */
export type SelectMode = "only" | "toggle" | "range" | "move";

/** @param order The list as it is shown. */
export function select(
  selection: Selection,
  order: readonly string[],
  row: string,
  mode: SelectMode,
): Selection {
  switch (mode) {
    case "only":
      return { selected: new Set([row]), anchor: row, cursor: row };
    case "move":
      return { ...selection, cursor: row };
    case "toggle": {
      const selected = new Set(selection.selected);
      if (!selected.delete(row)) selected.add(row);
      return { selected, anchor: row, cursor: row };
    }
    default: {
      const anchor = selection.anchor ?? selection.cursor ?? row;
      const from = Math.max(order.indexOf(anchor), 0);
      const to = order.indexOf(row);
      const rows = order.slice(Math.min(from, to), Math.max(from, to) + 1);
      return { selected: new Set(rows), anchor, cursor: row };
    }
  }
}

export function selectAll(order: readonly string[], selection: Selection): Selection {
  const cursor = selection.cursor ?? order[0] ?? null;
  return { selected: new Set(order), anchor: order[0] ?? null, cursor };
}

/** The row that is `by` rows from the cursor, kept within the list; null in an empty list. */
export function rowBeside(
  selection: Selection,
  order: readonly string[],
  by: number,
): string | null {
  if (order.length === 0) return null;
  const at = selection.cursor === null ? -1 : order.indexOf(selection.cursor);
  const from = at < 0 ? (by > 0 ? -1 : order.length) : at;
  return order[Math.min(Math.max(from + by, 0), order.length - 1)] ?? null;
}

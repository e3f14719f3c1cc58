import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { words } from "../words/words.ts";
import { Icon } from "./icon.tsx";

export interface Column<Row> {
  readonly id: string;
  readonly head: string;
  /** What it is sorted by; a column without it is not. */
  readonly by?: (row: Row) => number | string;
  readonly isEnd?: boolean;
  /** Its text may break anywhere. */
  readonly isLong?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
}

/** A table for tens of rows that sorts by what is clicked. */
export function SortTable<Row>({
  name,
  rows,
  columns,
  keyOf,
  sort,
}: {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string | number;
  /** The column sorted by at first, the greatest on top. */
  readonly sort?: string;
}) {
  const sorted = useSignal({ id: sort ?? "", isDescending: true });
  const { id, isDescending } = sorted.value;
  const by = columns.find((column) => column.id === id)?.by;
  const shown =
    by === undefined ? rows : [...rows].sort((a, b) => compare(by(a), by(b), isDescending));
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={name}>
      <table class="table">
        <caption class="unseen">{name}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const isSorted = column.id === id;
              return (
                <th
                  key={column.id}
                  scope="col"
                  class={column.isEnd === true ? "end" : ""}
                  aria-sort={isSorted ? (isDescending ? "descending" : "ascending") : undefined}
                >
                  {column.head === "" ? (
                    <span class="unseen">{words.value.actions}</span>
                  ) : column.by === undefined ? (
                    column.head
                  ) : (
                    <button
                      type="button"
                      class={`sort ${column.isEnd === true ? "end" : ""}`}
                      onClick={() => {
                        sorted.value = { id: column.id, isDescending: isSorted && !isDescending };
                      }}
                    >
                      {column.head}
                      {isSorted && <Icon name={isDescending ? "down" : "up"} />}
                    </button>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td
                  key={column.id}
                  class={`${column.isEnd === true ? "end" : ""} ${column.isLong === true ? "long" : ""}`}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const collator = new Intl.Collator(undefined, { numeric: true });
function compare(a: number | string, b: number | string, isDescending: boolean): number {
  const up =
    typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
  return isDescending ? -up : up;
}

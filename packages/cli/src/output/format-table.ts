/** A column of a table: its title, and on which side its cells begin. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/**
 * Lines of a table whose columns stand below each other, two spaces apart. The last column is not padded.
 * @param rows One cell for each column.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => {
        if (columns[at]?.align === "right") return cell.padStart(widths[at]!);
        return at === cells.length - 1 ? cell : cell.padEnd(widths[at]!);
      })
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

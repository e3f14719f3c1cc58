/**
 * A table as RFC 4180 has it, with a line of titles. A cell that a spreadsheet would carry out as a formula begins with an
 * apostrophe.
 */
export function formatCsv(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  return [titles, ...rows].map((cells) => cells.map(toCell).join(","));
}

function toCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

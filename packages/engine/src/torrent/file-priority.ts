/** 0 skips a file; of the others the higher comes first. 4 is normal. */
export type FilePriority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Priorities that have a name. */
export const FILE_PRIORITIES = {
  skip: 0,
  low: 1,
  normal: 4,
  high: 6,
  top: 7,
} as const satisfies Record<string, FilePriority>;

export type FilePriorityName = keyof typeof FILE_PRIORITIES;

/** @throws {RangeError} for what is neither 0 to 7 nor a name of a priority. */
export function toFilePriority(value: FilePriority | FilePriorityName): FilePriority {
  if (typeof value === "string") {
    if (Object.hasOwn(FILE_PRIORITIES, value)) return FILE_PRIORITIES[value];
  } else if (Number.isInteger(value) && value >= 0 && value <= FILE_PRIORITIES.top) {
    return value;
  }
  const names = Object.keys(FILE_PRIORITIES).join(", ");
  throw new RangeError(`Expected a file priority from 0 to 7, or ${names}; got ${value}.`);
}

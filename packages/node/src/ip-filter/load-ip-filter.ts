import type { LocalFiles } from "../local-files/local-files.ts";
import { NodeError } from "../errors.ts";
import { type AddressRanges, RangeBuilder } from "./address-ranges.ts";
import { parseIpFilterLine } from "./parse-ip-filter.ts";

/** The largest public lists have a quarter of a million ranges, in 15 MB. */
export const MAX_FILE_BYTES = 128 * 1024 * 1024;
export const MAX_RANGES = 2_000_000;

/** What a file of blocked addresses holds. */
export interface LoadedFilter {
  readonly ranges: AddressRanges;
  /** Lines that mean nothing. */
  readonly unreadable: number;
}

/**
 * Reads a file of blocked addresses, of any of the usual formats, which may be mixed.
 * @throws {DiskError}
 * @throws {NodeError} `too-large` beyond the bound; `bad-request` when it holds lines and none that means anything.
 */
export async function loadIpFilter(files: LocalFiles, path: string): Promise<LoadedFilter> {
  const ranges = new RangeBuilder();
  let unreadable = 0;
  for await (const batch of files.lines(path, MAX_FILE_BYTES)) {
    for (const line of batch) if (parseIpFilterLine(line, ranges) === false) unreadable++;
    if (ranges.count > MAX_RANGES) {
      throw new NodeError("too-large", `${path} has more than ${MAX_RANGES} ranges.`);
    }
  }
  if (ranges.count === 0 && unreadable > 0) {
    throw new NodeError(
      "bad-request",
      `${path} is no list of addresses: expected P2P, DAT, CIDR, ranges or addresses, one a line.`,
    );
  }
  return { ranges: ranges.build(), unreadable };
}

import type { ClientName } from "../clients/start-peer.ts";
import type { Contest } from "../contest.ts";
import type { EngineBench } from "./engine-bench.ts";
import { transferContender } from "./transfer.ts";

/** Each packet costs a system call on both sides: a smaller file says as much. */
const MAX_LENGTH_BYTES = 512 * 2 ** 20;

/** Transfers over uTP alone, against libtorrent's. */
export function listUtpContests({ shelf, sizeBytes, rivals }: EngineBench): Contest[] {
  const base = { shelf, lengthBytes: Math.min(sizeBytes, MAX_LENGTH_BYTES), utp: "only" } as const;
  const pair = (seeder: ClientName, leecher: ClientName) =>
    transferContender({ ...base, seeder, leecher });
  const hasRival = rivals.has("libtorrent");
  const theirs = hasRival ? pair("libtorrent", "libtorrent") : null;
  const duel = { title: "one to one, uTP", ours: pair("shoal", "shoal"), other: theirs };
  if (!hasRival) return [duel];
  return [
    duel,
    { title: "to libtorrent, uTP", ours: pair("shoal", "libtorrent"), other: theirs },
    { title: "from libtorrent, uTP", ours: pair("libtorrent", "shoal"), other: theirs },
  ];
}

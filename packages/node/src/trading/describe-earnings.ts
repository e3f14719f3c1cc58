import type { Answer, Input } from "@shoal/api";
import { HOUR_MS, type EarningsRow } from "./earnings-ledger.ts";
import { canShare } from "./describe-trading.ts";
import type { TradingDesk } from "./trading-desk.ts";

type Earnings = Answer<"getEarnings">;

/** Where nothing is asked: the last month. */
const DEFAULT_SPAN_MS = 30 * 24 * HOUR_MS;

/** Earned and spent over time and by torrent, and why a torrent here has earned nothing. */
export function describeEarnings(
  desk: TradingDesk,
  { fromMs, toMs, points }: Input<"getEarnings">,
  nowMs: number,
  sells: boolean,
): Earnings {
  const end = toMs ?? nowMs;
  const start = Math.floor(Math.min(fromMs ?? end - DEFAULT_SPAN_MS, end) / HOUR_MS) * HOUR_MS;
  const stepMs = Math.max(1, Math.ceil((end - start) / points / HOUR_MS)) * HOUR_MS;
  const rows = desk.earnings.filter(({ hourMs }) => hourMs >= start && hourMs <= end);
  const count = Math.max(1, Math.ceil((end - start + 1) / stepMs));
  return {
    stepMs,
    points: Array.from({ length: count }, (_, place) => {
      const atMs = start + place * stepMs;
      const within = rows.filter(({ hourMs }) => hourMs >= atMs && hourMs < atMs + stepMs);
      return {
        atMs,
        earnedWei: String(sumOf(within, "earnedWei")),
        spentWei: String(sumOf(within, "spentWei")),
      };
    }),
    torrents: torrentsOf(desk, rows, sells),
  };
}

function torrentsOf(
  { session }: TradingDesk,
  rows: readonly EarningsRow[],
  sells: boolean,
): Earnings["torrents"] {
  const hashes = new Set(rows.map(({ infoHash }) => infoHash));
  const torrents = session?.torrents ?? [];
  for (const torrent of torrents) if (torrent.state === "seeding") hashes.add(torrent.infoHash);
  return [...hashes]
    .map((infoHash) => {
      const own = rows.filter((row) => row.infoHash === infoHash);
      const torrent = infoHash === "" ? undefined : session?.find(infoHash);
      const earned = sumOf(own, "earnedWei");
      return {
        infoHash,
        name: torrent?.name ?? "",
        earnedWei: String(earned),
        spentWei: String(sumOf(own, "spentWei")),
        soldBytes: own.reduce((sum, { soldBytes }) => sum + soldBytes, 0),
        why: earned > 0n || torrent === undefined ? null : whyNothing(torrent, sells),
      };
    })
    .toSorted(
      (a, b) => Number(BigInt(b.earnedWei) - BigInt(a.earnedWei)) || (a.name < b.name ? -1 : 1),
    );
}

function whyNothing(
  torrent: NonNullable<TradingDesk["session"]>["torrents"][number],
  sells: boolean,
): Earnings["torrents"][number]["why"] {
  if (!sells) return "selling-off";
  if (!canShare(torrent)) return "not-seeding";
  return torrent.peers.length === 0 ? "no-peers" : "no-payers";
}

function sumOf(rows: readonly EarningsRow[], field: "earnedWei" | "spentWei"): bigint {
  return rows.reduce((sum, row) => sum + row[field], 0n);
}

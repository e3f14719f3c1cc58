import type { Answer } from "@shoal/api";
import { type Dialect, spellKeys } from "./names.ts";

type Tracker = Answer<"listTrackers">["trackers"][number];

/** `announce_state`. @see libtransmission/transmission.h, tr_tracker_state */
const ANNOUNCE = { inactive: 0, waiting: 1, active: 3 } as const;

export function describeTrackers(trackers: readonly Tracker[], dialect: Dialect): unknown[] {
  return trackers.map(({ url, tier }, id) =>
    spellKeys(
      { announce: url, id, scrape: scrapeUrl(url), sitename: siteName(url), tier },
      "part",
      dialect,
    ),
  );
}

export function describeTrackerStats(
  trackers: readonly Tracker[],
  nowMs: number,
  dialect: Dialect,
): unknown[] {
  return trackers.map(({ url, tier, state, seeders, leechers, error, ...dates }, id) => {
    const { nextAnnounceMs } = dates;
    const next = nextAnnounceMs === null ? 0 : Math.round(nextAnnounceMs / 1000);
    const last = Math.round((dates.lastAnnounceMs ?? 0) / 1000);
    const hasAnswered = state === "working";
    const isWaiting = nextAnnounceMs !== null && nextAnnounceMs > nowMs;
    return spellKeys(
      {
        announce: url,
        announce_state:
          state === "announcing"
            ? ANNOUNCE.active
            : isWaiting
              ? ANNOUNCE.waiting
              : ANNOUNCE.inactive,
        download_count: -1,
        has_announced: hasAnswered || state === "failed",
        has_scraped: hasAnswered,
        host: hostOf(url),
        id,
        is_backup: false,
        last_announce_peer_count: (seeders ?? 0) + (leechers ?? 0),
        last_announce_result: error ?? (hasAnswered ? "Success" : ""),
        last_announce_start_time: state === "announcing" ? Math.round(nowMs / 1000) : last,
        last_announce_succeeded: hasAnswered,
        last_announce_time: last,
        last_announce_timed_out: false,
        last_scrape_result: "",
        last_scrape_start_time: 0,
        last_scrape_succeeded: hasAnswered,
        last_scrape_time: hasAnswered ? last : 0,
        last_scrape_timed_out: false,
        leecher_count: leechers ?? -1,
        next_announce_time: next,
        next_scrape_time: 0,
        scrape: scrapeUrl(url),
        scrape_state: ANNOUNCE.inactive,
        seeder_count: seeders ?? -1,
        sitename: siteName(url),
        tier,
      },
      "part",
      dialect,
    );
  });
}

/** Announce URLs, one a line, and a blank line between tiers (BEP 12). */
export function formatTrackerList(trackers: readonly Pick<Tracker, "url" | "tier">[]): string {
  const tiers = new Map<number, string[]>();
  for (const { url, tier } of trackers) tiers.set(tier, [...(tiers.get(tier) ?? []), url]);
  return [...tiers.values()].map((urls) => urls.join("\n")).join("\n\n");
}

/** Where a tracker answers scrapes, by the convention of BEP 48; empty where it has none. */
export function scrapeUrl(announce: string): string {
  if (announce.startsWith("udp:")) return announce;
  const slash = announce.lastIndexOf("/");
  const last = announce.slice(slash + 1);
  return last.startsWith("announce")
    ? `${announce.slice(0, slash + 1)}scrape${last.slice("announce".length)}`
    : "";
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "";
}

/** The name of a tracker's site as Transmission tells it: `example` of `tracker.example.org`. */
export function siteName(url: string): string {
  const host = URL.parse(url)?.hostname ?? "";
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return host;
  return host.split(".").at(-2) ?? host;
}

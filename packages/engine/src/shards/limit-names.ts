import type { DirectionLimits, PassedBytes } from "../rate/limit-tree.ts";
import type { QueueLimits } from "../session/plan-queue.ts";
import type { CategoryOptions, Session } from "../session/session.ts";
import type { LimitsByName, ShardShare, ShardUsage } from "./shard-protocol.ts";

const PLACES = ["activeDownloads", "activeSeeds", "activeLimit"] as const;

/** The limits of rate of a session and of its categories, by name. */
export function nameRates(
  session: Required<DirectionLimits>,
  categories: Iterable<readonly [name: string, options: CategoryOptions]>,
): LimitsByName {
  const rates: Record<string, number | null> = { ...session };
  for (const [name, { downloadLimit, uploadLimit }] of categories) {
    rates[nameOf("download", name)] = downloadLimit ?? null;
    rates[nameOf("upload", name)] = uploadLimit ?? null;
  }
  return rates;
}

/** How many torrents may work at once, by name. */
export function namePlaces(queue: QueueLimits): LimitsByName {
  return Object.fromEntries(PLACES.map((name) => [name, queue[name] ?? null]));
}

/** Lets a worker's session use its share. */
export function applyShare(session: Session, { connections, rates, places }: ShardShare): void {
  session.connections.setMost(connections);
  session.setLimits({ download: rates["download"] ?? null, upload: rates["upload"] ?? null });
  session.queue.setLimits(places);
  for (const name of session.categories) {
    const [download, upload] = [rates[nameOf("download", name)], rates[nameOf("upload", name)]];
    session.setCategoryLimits(name, { download: download ?? null, upload: upload ?? null });
  }
}

/** What a worker's session makes of its share. */
export function measureUsage(session: Session, atMs: number): ShardUsage {
  const passed: Record<string, number> = {};
  const note = (bytes: PassedBytes, nameFor: (way: "download" | "upload") => string): void => {
    passed[nameFor("download")] = bytes.download;
    passed[nameFor("upload")] = bytes.upload;
  };
  note(session.passed, (way) => way);
  for (const name of session.categories) {
    note(session.passedIn(name), (way) => nameOf(way, name));
  }
  const { count } = session.connections;
  return { atMs, connections: count, passed, wanted: { ...session.queue.wanted } };
}

function nameOf(way: "download" | "upload", category: string): string {
  return `${way}:${category}`;
}

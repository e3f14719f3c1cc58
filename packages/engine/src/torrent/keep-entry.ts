import { formatMagnet, fromHex, infoHashHex, parseMagnet } from "@shoal/protocol";
import type { TorrentEntry } from "./entry.ts";
import type { CoreInit, CoreServices } from "./core-services.ts";
import type { TorrentCore } from "./torrent-core.ts";
import { Totals } from "./totals.ts";

/** Addresses that a user named, kept with the torrent. */
const MAX_KEPT_PEERS = 50;

/** What a session's list keeps of a torrent. */
export function toEntry(core: TorrentCore): TorrentEntry {
  const { identity, options, settings } = core;
  const { tiers, webSeeds, magnet } = core.about;
  return {
    infoHash: core.infoHash,
    v1: identity.v1 === null ? null : infoHashHex(identity.v1),
    v2: identity.v2 === null ? null : infoHashHex(identity.v2),
    dir: options.dir,
    name: core.name,
    magnet: magnet === null ? null : formatMagnet(magnet),
    trackers: tiers,
    moreTrackers: core.moreTiers,
    webSeeds,
    moreWebSeeds: core.moreWebSeeds,
    peers: (options.peers ?? []).slice(0, MAX_KEPT_PEERS),
    sequential: settings.wishes.sequential ?? null,
    endsFirst: settings.wishes.endsFirst ?? null,
    downloadLimit: settings.downloadLimit,
    uploadLimit: settings.uploadLimit,
    category: settings.category,
    shareLimits: settings.shareLimits,
    autoManaged: settings.autoManaged,
    paused: settings.paused,
    superSeeding: settings.superSeeding,
    peerExchange: options.peerExchange ?? null,
    order: core.order,
    totals: core.totals.save(),
    summary: core.summary,
  };
}

/** A torrent as the list has it: asleep. @param lastSeenMs When the earlier run was last seen. */
export function fromEntry(
  services: CoreServices<TorrentCore>,
  entry: TorrentEntry,
  lastSeenMs: number,
): CoreInit<TorrentCore> {
  const { category, ...settings } = entry;
  return {
    services,
    identity: {
      v1: entry.v1 === null ? null : fromHex(entry.v1),
      v2: entry.v2 === null ? null : fromHex(entry.v2),
    },
    source: null,
    name: entry.name,
    tiers: entry.trackers,
    webSeeds: entry.webSeeds,
    magnet: entry.magnet === null ? null : parseMagnet(entry.magnet),
    options: {
      dir: entry.dir,
      peers: entry.peers,
      trackers: entry.moreTrackers,
      webSeeds: entry.moreWebSeeds,
      ...(entry.sequential === null ? {} : { sequential: entry.sequential }),
      ...(entry.endsFirst === null ? {} : { endsFirst: entry.endsFirst }),
      downloadLimit: settings.downloadLimit,
      uploadLimit: settings.uploadLimit,
      ...(category === null ? {} : { category }),
      shareLimits: settings.shareLimits,
      autoManaged: settings.autoManaged,
      paused: settings.paused,
      superSeeding: entry.superSeeding,
      ...(entry.peerExchange === null ? {} : { peerExchange: entry.peerExchange }),
    },
    totals: new Totals(services.clock, entry.totals, lastSeenMs),
    summary: entry.summary,
  };
}

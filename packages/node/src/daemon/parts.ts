import { createAccessHandlers } from "../access/access-handlers.ts";
import { openBackupPart } from "../backup/open-backup-part.ts";
import { healthFace } from "../faces/health-face.ts";
import { createFeedHandlers } from "../feeds/feed-handlers.ts";
import { Feeds } from "../feeds/feeds.ts";
import { openRemotePart } from "../remote/open-remote-part.ts";
import { openMetricsPart } from "../metrics/open-metrics-part.ts";
import { createNodeHandlers } from "../rest/node-handlers.ts";
import { createOutsideHandlers } from "../rest/outside-handlers.ts";
import { createTorrentHandlers } from "../rest/torrent-handlers.ts";
import { createTradingHandlers } from "../rest/trading-handlers.ts";
import { createWalletHandlers } from "../rest/wallet-handlers.ts";
import { openSitesPart } from "../sites/open-sites-part.ts";
import { openCompletionHooks, openContent, openWatchedFolders } from "./content-parts.ts";
import type { OpenPart } from "./daemon-core.ts";

/** What works on what is kept, with nothing running. */
export const RESTING_PARTS: readonly OpenPart[] = [
  ({ access, version }) => ({ handlers: createAccessHandlers(access, version) }),
  (core) => ({ handlers: createNodeHandlers(core) }),
  ({ torrents }) => ({ handlers: createTorrentHandlers(torrents) }),
  ({ money }) => ({
    handlers: {
      ...createWalletHandlers(money),
      ...createOutsideHandlers(money),
      ...createTradingHandlers(money),
    },
  }),
  openSitesPart,
];

/** The parts of the daemon, in the order in which they are opened. They are closed in the opposite one. */
export const PARTS: readonly OpenPart[] = [
  ...RESTING_PARTS,
  openContent,
  openCompletionHooks,
  openFeeds,
  openWatchedFolders,
  openRemotePart,
  () => ({ faces: [healthFace] }),
  openMetricsPart,
  openBackupPart,
];

async function openFeeds({ torrents, runtime, outside }: Parameters<OpenPart>[0]) {
  const { store, clock, log } = runtime;
  const feeds = await Feeds.open({ torrents, store, http: outside.http, clock, log });
  return { handlers: createFeedHandlers(feeds), close: () => feeds.close() };
}

import type { AnnounceStarts } from "./announce-starts.ts";
import type { FileNameRules, Metainfo } from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import type { AnnouncePacer, TrackerClient } from "@shoal/tracker";
import type { PeerFinder } from "../discovery/peer-finder.ts";
import type { PeerExtension } from "../extension/extension.ts";
import type { LimitTree } from "../rate/limit-tree.ts";
import type { Places } from "../session/places.ts";
import type { KnownTorrent } from "../reuse/reuse-sources.ts";
import type { ResumeStore } from "./resume.ts";
import type { SwarmServices } from "../swarm/swarm-services.ts";
import type { Allocation } from "./options.ts";

/** What a torrent takes from its session. */
export interface TorrentServices extends SwarmServices {
  readonly runtime: Runtime;
  readonly resume: ResumeStore | null;
  readonly fileNames: FileNameRules;
  readonly allocation: Allocation;
  readonly trackerClient: TrackerClient;
  readonly extensions: readonly PeerExtension[];
  /** The session's other torrents whose metadata is in memory. */
  otherTorrents(than: Metainfo): Iterable<KnownTorrent>;
  /** Whether torrents that do not say exchange peers with peers (BEP 11). */
  readonly peerExchange: boolean;
  readonly limits: LimitTree;
  /** The session has its torrents again after a restart, and so may let them sleep. */
  readonly keepsTorrents: boolean;
  /** The turns of torrents that hash what is on disk. */
  readonly checking: Places;
  readonly pacer: AnnouncePacer;
  readonly announceStarts: AnnounceStarts;
  readonly finders: readonly PeerFinder[];
}

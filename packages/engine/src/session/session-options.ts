import type { FileNameRules } from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import type { WebRtc } from "@shoal/webrtc";
import type { SeedChoking } from "../choker/seed-turns.ts";
import type { UploadPolicy } from "../choker/upload-policy.ts";
import type { SessionDhtOptions } from "../discovery/session-dht.ts";
import type { AddressFilter } from "../swarm/address-filter.ts";
import type { PeerExtension } from "../extension/extension.ts";
import type { FlowGate } from "../extension/flow-gate.ts";
import type { Encryption } from "../peer/encryption.ts";
import type { Allocation } from "../torrent/options.ts";
import type { UtpMode } from "../transport/peer-transport.ts";
import type { QueueLimits } from "./plan-queue.ts";
import type { ShareLimits } from "./share-limits.ts";
import type { SpeedSchedule } from "./speed-schedule.ts";

export interface SessionOptions {
  /** The world: `createNodeRuntime()` or a host of the simulator. The session does not close it. */
  readonly runtime: Runtime;
  /** Port to listen on, TCP and UDP; 0, the default, takes a free one. */
  readonly port?: number;
  /** Whether peers are spoken to over uTP (BEP 29); `prefer` when absent. */
  readonly utp?: UtpMode;
  /** Ask the router to pass the port on to this side (PCP, NAT-PMP, UPnP); false when absent. */
  readonly portMapping?: boolean;
  /** Address to listen on and connect from; all when absent. */
  readonly host?: string;
  /** `allow` when absent. */
  readonly encryption?: Encryption;
  /** Bytes per second over all torrents; null, the default, for no limit. */
  readonly downloadLimit?: number | null;
  readonly uploadLimit?: number | null;
  /** Bytes per second of each connection; null, the default, for no limit. */
  readonly peerDownloadLimit?: number | null;
  readonly peerUploadLimit?: number | null;
  /** Whether the limits hold for peers of private and local addresses too; true when absent. */
  readonly limitLocalPeers?: boolean;
  /** Other limits at certain times. */
  readonly schedule?: SpeedSchedule;
  /** How many torrents work at once; any number when absent. */
  readonly queue?: QueueLimits;
  /** When torrents have shared enough; never when absent. */
  readonly shareLimits?: ShareLimits;
  /** Peers unchoked at once, per torrent; `auto` when absent. */
  readonly uploadSlots?: number | "auto";
  /** Whom to upload to while seeding, as long as there is no `uploadPolicy`; `round-robin` when absent. */
  readonly seedChoking?: SeedChoking;
  /** Connections at once, over all torrents; 500 when absent. See `Session.connections`. */
  readonly maxPeers?: number;
  readonly maxPeersPerTorrent?: number;
  /** Attempts to connect in a second, over all torrents; 30 when absent. */
  readonly dialsPerSecond?: number;
  /** Tell the local network of torrents, and hear of its peers (BEP 14); private ones never. False when absent. */
  readonly lsd?: boolean;
  /** Learn peers from peers (BEP 11), in torrents that do not say otherwise; true when absent. */
  readonly peerExchange?: boolean;
  /**
   * Find peers in the DHT and be found there (BEP 5), over the UDP socket of the port; private torrents never are.
   * `false` when absent: which network to be a part of is for the program to say.
   */
  readonly dht?: SessionDhtOptions | false;
  /**
   * How browsers' peers are reached, whom WebSocket trackers name: `openWebRtc()` of `@shoal/webrtc`, which the
   * session does not close. Such trackers are not asked when absent, nor in sessions divided among threads.
   */
  readonly webRtc?: WebRtc;
  /** How room for files is taken; `sparse` when absent. */
  readonly allocation?: Allocation;
  /** How names of files are made safe: `posix` keeps more of them; by the platform when absent. */
  readonly fileNames?: FileNameRules;
  /** Remember progress in the runtime's store; true when absent. */
  readonly resume?: boolean;
  /**
   * Keep the torrents themselves in the runtime's store, and bring back those of earlier runs, as they
   * were: false when absent. One session at a time may do so with a store, or several that share the
   * torrents among them: a function says of each infohash whether it is this one's.
   */
  readonly restore?: boolean | ((infoHash: string) => boolean);
  /** Whom to upload to; tit-for-tat when absent. */
  readonly uploadPolicy?: UploadPolicy;
  /** Protocol extensions (BEP 10) beside the engine's own. */
  readonly extensions?: readonly PeerExtension[];
  /** Governs the flow of bytes per peer; open when absent. */
  readonly flowGate?: FlowGate;
  /**
   * Addresses that are never spoken to: of peers whichever way they come or are found, and of web seeds. Nodes of the
   * DHT and trackers are not asked about. Nobody is filtered when absent.
   */
  readonly addressFilter?: AddressFilter;
  /** Closes the session when it is aborted. */
  readonly signal?: AbortSignal;
}

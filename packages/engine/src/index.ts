export { createSession } from "./session/create-session.ts";
export type {
  CategoryOptions,
  Session,
  SessionEvent,
  SessionOptions,
  SessionQueue,
} from "./session/session.ts";
export type { ConnectionPlaces } from "./session/connections.ts";
export type { QueueLimits } from "./session/plan-queue.ts";
export type { Changes } from "./session/torrent-changes.ts";
export type { QueueMove } from "./session/torrent-queue.ts";
export type { SessionTraffic } from "./session/traffic.ts";
export type { ShareAction, ShareLimitReason, ShareLimits } from "./session/share-limits.ts";
export type { ScheduleRule, SpeedSchedule, Weekday } from "./session/speed-schedule.ts";
export { createShardedSession } from "./shards/create-sharded-session.ts";
export type {
  ShardedQueue,
  ShardedSession,
  ShardedSessionEvent,
  ShardedSessionOptions,
  WorkerStatus,
} from "./shards/sharded-session.ts";
export { workerOf } from "./shards/worker-of.ts";
export type { RemoteOperations, RemoteTorrent } from "./shards/remote-torrent.ts";
export type { RemoteTorrentOptions, SharedOptions } from "./shards/shard-protocol.ts";
export type { DirectionLimits, PassedBytes } from "./rate/limit-tree.ts";
export { CLIENT_NAME } from "./session/client-name.ts";
export { Torrent } from "./torrent/torrent.ts";
export type { Allocation, TorrentOptions } from "./torrent/options.ts";
export type {
  FileStatus,
  SlowReason,
  TorrentEvent,
  TorrentState,
  TorrentStatus,
  TorrentTotals,
} from "./torrent/status.ts";
export { FILE_PRIORITIES, toFilePriority } from "./torrent/file-priority.ts";
export type { FilePriority, FilePriorityName } from "./torrent/file-priority.ts";
export type { FileSelector } from "./torrent/selection.ts";
export type { StreamOptions } from "./streaming/stream-file.ts";
export type { PieceMap } from "./torrent/piece-map.ts";
export { layoutOf } from "./torrent/layout.ts";
export { keepProgress } from "./torrent/keep-progress.ts";
export type { KnownProgress } from "./torrent/keep-progress.ts";
export { checkPieces } from "./torrent/check.ts";
export type { ReusedFile } from "./reuse/reuse-files.ts";
export type { WebSeedState, WebSeedStatus } from "./web-seed/web-seed-status.ts";
export type { DiscoveryStatus } from "./discovery/discovery.ts";
export type { MappingWay } from "./port-mapping/router.ts";
export type { PortMapping } from "./port-mapping/port-mapper.ts";
export type { SessionDhtOptions } from "./discovery/session-dht.ts";
export type { PeerView } from "./peer/peer-view.ts";
export type { AddressFilter } from "./swarm/address-filter.ts";
export type { PeerSource } from "./swarm/peer-source.ts";
export type { Encryption } from "./peer/encryption.ts";
export type { UtpMode } from "./transport/peer-transport.ts";
export type { UdpConsumer, UdpHub } from "./transport/udp-hub.ts";
export type { ChokerPeer, ChokeRound, UploadPolicy } from "./choker/upload-policy.ts";
export type { SeedChoking } from "./choker/seed-turns.ts";
export { createTitForTatPolicy } from "./choker/tit-for-tat.ts";
export type { ExtensionPeer, ExtensionSession, PeerExtension } from "./extension/extension.ts";
export type { FlowGate } from "./extension/flow-gate.ts";
export { PeerError, SessionError, TorrentError, WebSeedError } from "./errors.ts";

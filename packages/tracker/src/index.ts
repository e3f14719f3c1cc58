export { AccountError, TrackerError, TrackerListError } from "./errors.ts";
export type { TrackerErrorCode } from "./errors.ts";

export { createTrackerClient } from "./client/tracker-client.ts";
export type {
  RequestOptions,
  TrackerClient,
  TrackerClientOptions,
} from "./client/tracker-client.ts";
export type { UdpTransport } from "./client/udp-transport.ts";
export type { WebPeers } from "./client/web-peers.ts";

export { createAnnouncePacer } from "./announcer/announce-pacer.ts";
export type { AnnouncePacer, AnnounceUrgency, LeaveTracker } from "./announcer/announce-pacer.ts";
export { createAnnouncer } from "./announcer/announcer.ts";
export type { Announcer, AnnouncerOptions, TrackerStatus } from "./announcer/announcer.ts";
export type { AnnounceStats, PeerSource, TrackerState } from "./announcer/tracker-entry.ts";

export { createMemorySwarmState, DEFAULT_SWARM_LIMITS } from "./server/memory-swarm-state.ts";
export type { MemorySwarmStateOptions, SwarmLimits } from "./server/memory-swarm-state.ts";
export type { RequestCounters } from "./server/request-counters.ts";
export type {
  AnnouncedPeer,
  SwarmAnswer,
  SwarmFigures,
  SwarmState,
  SwarmStats,
} from "./server/swarm-state.ts";
export { createTrackerServer } from "./server/tracker-server.ts";
export type { TrackerServer, TrackerServerOptions } from "./server/tracker-server.ts";
export type { DeliverToPeer, WebPeerRelay } from "./server/web-peer-relay.ts";

export type { AccessRules } from "./access/access.ts";
export { ACCOUNTS_SCHEMA, openAccounts } from "./access/accounts.ts";
export type { Account, Accounts, ReportedTraffic } from "./access/accounts.ts";
export { parseAddressList } from "./access/address-list.ts";
export type { AddressList } from "./access/address-list.ts";
export { parseTorrentList } from "./access/torrent-list.ts";
export type { TorrentList } from "./access/torrent-list.ts";

export { connectRedis } from "./redis/redis-link.ts";
export type { RedisArgument, RedisLink, RedisReply } from "./redis/redis-link.ts";
export { createRedisRelay } from "./redis/redis-relay.ts";
export { createRedisSwarmState } from "./redis/redis-swarm-state.ts";
export type { RedisSwarmStateOptions } from "./redis/redis-swarm-state.ts";

export { createReplicatedSwarmState } from "./server/replicated-swarm-state.ts";
export type { ReplicaChannel } from "./server/replicated-swarm-state.ts";

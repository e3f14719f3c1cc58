export { createDht } from "./dht.ts";
export type {
  Dht,
  DhtOptions,
  PutMutableOptions,
  SaltOptions,
  SearchOptions,
  StoredMutable,
} from "./dht.ts";
export { DhtError } from "./errors.ts";
export type { DhtErrorCode } from "./errors.ts";
export type { FollowedTorrent } from "./items/follow-torrent.ts";
export type { MutableItem } from "./items/get-item.ts";
export { decodeTorrentItem, encodeTorrentItem } from "./items/torrent-item.ts";
export type { Announcement, PeerSearch, SwarmEstimate } from "./lookup/find-peers.ts";
export type { DatagramPort } from "./node/datagram-port.ts";
export type { DhtNode } from "./node/dht-node.ts";
export type { HostPort } from "./node/node-set.ts";
export { PUBLIC_BOOTSTRAP } from "./node/public-bootstrap.ts";
export { createNodeId, isSecureId } from "./node-id/secure-id.ts";
export { openDht } from "./open-dht.ts";
export type { OpenDht, OpenDhtOptions } from "./open-dht.ts";
export type { NodeInfo } from "./routing/contact.ts";
export type { DhtCounters } from "./rpc/counters.ts";
export type { DhtNodeState, DhtState } from "./state/dht-state.ts";
export { openDhtStore } from "./state/dht-store.ts";
export type { DhtStore } from "./state/dht-store.ts";

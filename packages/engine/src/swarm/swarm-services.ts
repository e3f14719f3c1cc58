import type { UploadPolicy } from "../choker/upload-policy.ts";
import type { DhtLink } from "../discovery/dht-link.ts";
import type { OwnPorts } from "../discovery/own-ports.ts";
import type { PeerExtension } from "../extension/extension.ts";
import type { FlowGate } from "../extension/flow-gate.ts";
import type { Peer } from "../peer/peer.ts";
import type { LimitTree } from "../rate/limit-tree.ts";
import type { DialServices } from "./dialer.ts";
import type { AddressFilter } from "./address-filter.ts";
import type { ExternalAddress } from "./external-address.ts";

/** What a swarm takes from its session. */
export interface SwarmServices extends DialServices {
  readonly gate: FlowGate;
  readonly policy: UploadPolicy;
  readonly uploadSlots: number | "auto";
  readonly limits: LimitTree;
  readonly maxPeersPerTorrent: number;
  readonly ports: OwnPorts;
  readonly addressFilter: AddressFilter;
  readonly externalAddress: ExternalAddress;
  readonly dht: DhtLink | null;
  /** Counts connections over all torrents: says no beyond the session's bound. */
  mayConnect(): boolean;
  /** @returns The ID of the new peer in its session. */
  onConnected(): number;
  onDisconnected(): void;
}

/** What a swarm tells its torrent. */
export interface SwarmOwner {
  readonly extensions: readonly PeerExtension[];
  metadataBytes(): number | null;
  onPeerConnected(peer: Peer): void;
  onPeerDisconnected(peer: Peer, error: Error | null): void;
  onPeerBanned(address: string, reason: string): void;
  onReadFailed(error: Error): void;
}

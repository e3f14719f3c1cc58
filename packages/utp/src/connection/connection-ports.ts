import type { Endpoint } from "@shoal/runtime";
import type { PacketPool } from "./packet-pool.ts";
import type { Deliver, HeldBytes } from "./receiver.ts";

/** What a connection needs of the world. */
export interface ConnectionWorld {
  nowMs(): number;
  /** Sends a datagram. Returns whether its memory may be used again at once. */
  send(datagram: Uint8Array, to: Endpoint): boolean;
  readonly pool: PacketPool;
  readonly held: HeldBytes;
  readonly receiveWindowBytes: number;
  readonly maxSendWindowBytes: number;
}

/** Whom a connection belongs to. Of its calls only `flush` calls anything but `deliver`. */
export interface ConnectionOwner {
  /** Takes payload in order. May be called at any time after the handshake. */
  deliver: Deliver;
  onConnected(): void;
  /** Hands on what was delivered in this turn. */
  onTurnEnd(): void;
  /** Everything was delivered, and nothing more will come. Returns false while it cannot be told. */
  onEnded(): boolean;
  onClosed(error: Error | null): void;
}

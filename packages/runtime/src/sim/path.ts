import type { Link } from "./link.ts";

/** Something that is held up where nothing gets through, and is told when to try again. */
export interface HeldUp {
  resume(): void;
}

/** One way from a machine to another: all that what goes along it knows of the network. */
export interface Path {
  readonly up: Link;
  readonly down: Link;
  readonly latencyMs: number;
  /** Share of packets lost on it. */
  readonly lossRate: number;
  /** Whether nothing gets through now. */
  isBlocked(): boolean;
  /** The world's flows whose bytes are held up by a partition or a power cut. */
  readonly heldUp: Set<HeldUp>;
  /** After so long without anything getting through a connection breaks. */
  readonly tcpTimeoutMs: number;
}

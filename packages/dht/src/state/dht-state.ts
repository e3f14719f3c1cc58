import type { AddressFamily } from "@shoal/protocol";
import type { NodeInfo } from "../routing/contact.ts";

/** What a node wants to know when it starts again. */
export interface DhtNodeState {
  readonly family: AddressFamily;
  /** 20 bytes. */
  readonly id: Uint8Array;
  /** How others saw us. */
  readonly externalAddress: string | null;
  /** Nodes that answered when last asked, those that did so most lately first. */
  readonly nodes: readonly NodeInfo[];
}

/** A plain value: one entry for each node, in the order of the ports that they had. */
export type DhtState = readonly DhtNodeState[];

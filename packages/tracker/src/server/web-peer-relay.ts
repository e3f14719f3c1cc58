export const NODE_ID_BYTES = 8;

/** Stands for all nodes: whoever has the peer delivers. */
export const EVERY_NODE = new Uint8Array(NODE_ID_BYTES);

/** What a peer of another node is to be sent. */
export type DeliverToPeer = (peerId: Uint8Array, text: string) => void;

/**
 * Carries messages between the nodes of one tracker: a browser's peer is reached only through the
 * node that it is connected to.
 */
export interface WebPeerRelay {
  /** 8 bytes that name this node among all that share the state. */
  readonly nodeId: Uint8Array;
  /** Takes messages for peers of this node. Called once. */
  onMessage(deliver: DeliverToPeer): void;
  /** Sends to a peer of another node; one that is gone gets nothing. */
  send(nodeId: Uint8Array, peerId: Uint8Array, text: string): void;
  close(): Promise<void>;
}

/** For a tracker of one node: there is nobody else. */
export function createLocalRelay(nodeId: Uint8Array): WebPeerRelay {
  return {
    nodeId,
    onMessage() {},
    send() {},
    close: () => Promise.resolve(),
  };
}

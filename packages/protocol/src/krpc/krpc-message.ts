import type { PeerEndpoint } from "../endpoint/compact-endpoints.ts";
import type { CompactNode } from "./compact-nodes.ts";

/** Length of a node ID, an infohash and a target. */
export const NODE_ID_LENGTH_BYTES = 20;

/** Bytes of a bencoded value that an item may hold (BEP 44). */
export const MAX_ITEM_VALUE_BYTES = 1000;

/** Bytes of the salt of a mutable item (BEP 44). */
export const MAX_SALT_BYTES = 64;

/** The greatest sequence number of a mutable item (BEP 44). */
export const MAX_SEQ = 2n ** 63n - 1n;

/** Which families of nodes an answer should hold (BEP 32). */
export interface Want {
  readonly n4: boolean;
  readonly n6: boolean;
}

/** What makes an item mutable (BEP 44). */
export interface MutableFields {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Over salt, sequence number and value, 64 bytes. */
  readonly signature: Uint8Array;
  /** 0 to 2^63 - 1; only grows. */
  readonly seq: bigint;
}

/** What a query asks. Byte arrays are views of the datagram. */
export type KrpcRequest =
  | { readonly method: "ping" }
  | { readonly method: "find_node"; readonly target: Uint8Array; readonly want: Want | null }
  | {
      readonly method: "get_peers";
      readonly infoHash: Uint8Array;
      readonly want: Want | null;
      /** Asks for Bloom filters of the swarm (BEP 33). */
      readonly scrape: boolean;
    }
  | {
      readonly method: "announce_peer";
      readonly infoHash: Uint8Array;
      /** Ignored with `impliedPort`, where the datagram's own port counts. */
      readonly port: number;
      readonly impliedPort: boolean;
      readonly token: Uint8Array;
      /** The peer has everything (BEP 33). */
      readonly isSeed: boolean;
    }
  | {
      readonly method: "get";
      readonly target: Uint8Array;
      readonly want: Want | null;
      /** The item's value is wanted only above this sequence number; null for always. */
      readonly seq: bigint | null;
    }
  | {
      readonly method: "put";
      readonly token: Uint8Array;
      /** Bencoded, as it came. */
      readonly value: Uint8Array;
      /** Null for an immutable item. */
      readonly mutable:
        | (MutableFields & {
            readonly salt: Uint8Array;
            /** The sequence number that is to be replaced; null for any lower one. */
            readonly cas: bigint | null;
          })
        | null;
    }
  | {
      readonly method: "sample_infohashes";
      readonly target: Uint8Array;
      readonly want: Want | null;
    };

export interface KrpcQuery {
  readonly kind: "query";
  readonly transactionId: Uint8Array;
  /** The sender's node ID. */
  readonly id: Uint8Array;
  /** The sender answers no queries and wants to be in no routing table (BEP 43). */
  readonly isReadOnly: boolean;
  readonly request: KrpcRequest;
}

/** What an answer may hold; which fields do depends on the query. */
export interface KrpcAnswer {
  /** The nodes closest to the target; null when the field is absent. */
  readonly nodes4?: readonly CompactNode[] | null;
  readonly nodes6?: readonly CompactNode[] | null;
  readonly peers?: readonly PeerEndpoint[] | null;
  readonly token?: Uint8Array | null;
  /** An item's value, bencoded, as it came. */
  readonly value?: Uint8Array | null;
  readonly publicKey?: Uint8Array | null;
  readonly signature?: Uint8Array | null;
  readonly seq?: bigint | null;
  /** 256 bytes each (BEP 33). */
  readonly seedFilter?: Uint8Array | null;
  readonly peerFilter?: Uint8Array | null;
  /** Infohashes (BEP 51). */
  readonly samples?: readonly Uint8Array[] | null;
  /** How many infohashes the node stores. */
  readonly sampleCount?: number | null;
  /** After how many seconds it gives other ones. */
  readonly sampleIntervalS?: number | null;
}

export interface KrpcResponse {
  readonly kind: "response";
  readonly transactionId: Uint8Array;
  /** The answering node's ID. */
  readonly id: Uint8Array;
  /** Where the query came from, as the answering node saw it (BEP 42). */
  readonly externalEndpoint: PeerEndpoint | null;
  readonly answer: Required<KrpcAnswer>;
}

export interface KrpcFailure {
  readonly kind: "error";
  readonly transactionId: Uint8Array;
  readonly errorCode: number;
  readonly message: string;
}

export type KrpcMessage = KrpcQuery | KrpcResponse | KrpcFailure;

/** The error codes of BEP 5 and BEP 44. */
export const KRPC_ERROR = {
  generic: 201,
  server: 202,
  protocol: 203,
  unknownMethod: 204,
  valueTooBig: 205,
  badSignature: 206,
  saltTooBig: 207,
  casMismatch: 301,
  seqTooLow: 302,
} as const;

/** Whether a datagram is the DHT's, on a socket that uTP and UDP trackers share: it is a dictionary. */
export function isKrpcDatagram(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x64 && bytes[bytes.length - 1] === 0x65;
}

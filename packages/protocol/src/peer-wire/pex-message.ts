import type { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { encodeBencode } from "../bencode/encode-bencode.ts";
import {
  compactLengthBytes,
  decodeCompactEndpoints,
  encodeCompactEndpoint,
} from "../endpoint/compact-endpoints.ts";
import type { AddressFamily, PeerEndpoint } from "../endpoint/compact-endpoints.ts";
import { badExtensionMessage, decodeExtensionDictionary } from "./extension-dictionary.ts";

/** Peers that a message may add, and peers that it may drop, after the first message (BEP 11). */
export const MAX_PEX_PEERS = 50;

/** A longer message is refused. Even a first message with every peer of a client is shorter. */
const MAX_PEX_LENGTH_BYTES = 500 * 1024;

const NAME = "ut_pex";

/** What is known of an added peer: bits of {@link PexPeer.flags}. */
export const PEX_FLAG = {
  prefersEncryption: 0x01,
  /** It has all pieces, or wants no more (BEP 21). */
  uploadOnly: 0x02,
  utp: 0x04,
  holepunch: 0x08,
  /** The sender connected to it: it can be reached. */
  reachable: 0x10,
} as const;

export interface PexPeer extends PeerEndpoint {
  /** Bits of {@link PEX_FLAG}. */
  readonly flags: number;
}

/** Who a peer came to be connected with, and from whom it was cut, since its last message. */
export interface PexMessage {
  readonly added: readonly PexPeer[];
  readonly dropped: readonly PeerEndpoint[];
}

/**
 * Payload of a `ut_pex` message. The caller keeps to {@link MAX_PEX_PEERS}, and to one message
 * a minute.
 * @throws {TypeError} when an address is not an IP address.
 * @throws {RangeError} when a port is not in 0..65535.
 * @see BEP 11
 */
export function encodePex(message: PexMessage): Uint8Array {
  const added = groupByFamily(message.added);
  const dropped = groupByFamily(message.dropped);
  return encodeBencode({
    added: added[4].compact,
    "added.f": Uint8Array.from(added[4].peers, (peer) => peer.flags),
    added6: added[6].compact,
    "added6.f": Uint8Array.from(added[6].peers, (peer) => peer.flags),
    dropped: dropped[4].compact,
    dropped6: dropped[6].compact,
  });
}

/**
 * Decodes a `ut_pex` message. Entries without a port are left out; missing flags count as none.
 * @param maxPeers Peers beyond this many are left out, of those added and of those dropped.
 * @throws {PeerWireError} `bad-extension-message` when the payload is not a dictionary, or is
 * longer than 500 KiB.
 */
export function decodePex(payload: Uint8Array, maxPeers: number = MAX_PEX_PEERS): PexMessage {
  if (payload.length > MAX_PEX_LENGTH_BYTES) {
    throw badExtensionMessage(
      NAME,
      MAX_PEX_LENGTH_BYTES,
      `it has ${payload.length} bytes; at most ${MAX_PEX_LENGTH_BYTES} are taken`,
    );
  }
  const { dictionary } = decodeExtensionDictionary(NAME, payload);
  const added = [...readAdded(dictionary, "added", 4), ...readAdded(dictionary, "added6", 6)];
  const dropped = [
    ...decodeCompactEndpoints(dictionary.bytes("dropped") ?? NOTHING, 4, maxPeers),
    ...decodeCompactEndpoints(dictionary.bytes("dropped6") ?? NOTHING, 6, maxPeers),
  ];
  return { added: added.slice(0, maxPeers), dropped: dropped.slice(0, maxPeers) };

  function* readAdded(
    fields: BencodeDictionary,
    key: "added" | "added6",
    family: AddressFamily,
  ): Generator<PexPeer> {
    const peers = fields.bytes(key) ?? NOTHING;
    const flags = fields.bytes(`${key}.f`);
    const stride = compactLengthBytes(family);
    for (let at = 0, index = 0; at < peers.length && index < maxPeers; at += stride, index++) {
      const [endpoint] = decodeCompactEndpoints(peers.subarray(at, at + stride), family, 1);
      if (endpoint !== undefined) yield { ...endpoint, flags: flags?.[index] ?? 0 };
    }
  }
}

const NOTHING = new Uint8Array(0);

function groupByFamily<Peer extends PeerEndpoint>(
  peers: readonly Peer[],
): Record<AddressFamily, { peers: Peer[]; compact: Uint8Array }> {
  const encoded = peers.map((peer) => ({ peer, compact: encodeCompactEndpoint(peer) }));
  const group = (family: AddressFamily): { peers: Peer[]; compact: Uint8Array } => {
    const members = encoded.filter(({ compact }) => compact.length === compactLengthBytes(family));
    return {
      peers: members.map(({ peer }) => peer),
      compact: Buffer.concat(members.map(({ compact }) => compact)),
    };
  };
  return { 4: group(4), 6: group(6) };
}

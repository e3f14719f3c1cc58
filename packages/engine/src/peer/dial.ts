import { encodeHandshake, type Handshake, type HandshakeFlags } from "@shoal/protocol";
import type { Clock, Endpoint, Random, SlabPool } from "@shoal/runtime";
import { PeerError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { type Encryption, encryptOutgoing } from "./encryption.ts";
import type { PeerNet, UtpHint } from "../transport/peer-net.ts";
import { HANDSHAKE_TIMEOUT_MS, RawStream } from "./raw-stream.ts";
import { readHandshake } from "./read-handshake.ts";

/** A connection past its handshakes. */
export interface OpenedConnection {
  readonly connection: Connection;
  readonly handshake: Handshake;
  /** Decrypted bytes that came right behind the handshake. */
  readonly early: Uint8Array;
}

export interface DialOptions {
  /** How peers are connected to. */
  readonly net: Pick<PeerNet, "connect">;
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: SlabPool;
  readonly endpoint: Endpoint;
  readonly localAddress: string | undefined;
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /**
   * The torrent's infohashes, 20 bytes each. Asked for the first one of a hybrid torrent, a peer may answer with the
   * second (BEP 52, "Upgrade Path"): libtorrent does.
   */
  readonly infoHashes: readonly Uint8Array[];
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly flags: HandshakeFlags;
  readonly encryption: Encryption;
  /** What is known of the peer's transports. */
  readonly utp: UtpHint;
  /** `allow` and `prefer` take the other way than their first: it failed, or the peer prefers it. */
  readonly tryOther: boolean;
  readonly signal: AbortSignal;
}

/**
 * Connects to a peer and carries out the handshakes.
 * @throws {NetError} when it cannot be reached; {PeerError} when a handshake fails.
 */
export async function dialPeer(options: DialOptions): Promise<OpenedConnection> {
  const { net, clock, pool, endpoint, localAddress, utp, infoHash, peerId, flags, signal } =
    options;
  const socket = await net.connect({
    host: endpoint.address,
    port: endpoint.port,
    timeoutMs: HANDSHAKE_TIMEOUT_MS,
    signal,
    utp,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  const stream = new RawStream(socket, pool, clock);
  const onAbort = (): void => stream.abandon(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const hello = encodeHandshake({ infoHash, peerId, ...flags });
    if (isEncrypted(options)) await encryptOutgoing(stream, { ...options, initial: hello });
    else stream.send(hello);
    const handshake = await readHandshake(stream);
    if (!options.infoHashes.some((ours) => Buffer.compare(handshake.infoHash, ours) === 0)) {
      throw new PeerError("unknown-torrent", "the peer answered for another torrent");
    }
    stream.finish();
    return { connection: stream.connection, handshake, early: stream.drain() };
  } catch (error) {
    stream.abandon(error as Error);
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function isEncrypted({ encryption, tryOther }: DialOptions): boolean {
  if (encryption === "allow") return tryOther;
  if (encryption === "prefer") return !tryOther;
  return encryption === "require";
}

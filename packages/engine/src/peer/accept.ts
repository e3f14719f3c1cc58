import {
  encodeHandshake,
  HANDSHAKE_PREFIX_LENGTH_BYTES,
  type HandshakeFlags,
  looksLikeHandshake,
} from "@shoal/protocol";
import type { Clock, Random, SlabPool, StreamSocket } from "@shoal/runtime";
import { PeerError } from "../errors.ts";
import type { OpenedConnection } from "./dial.ts";
import { type Encryption, encryptIncoming } from "./encryption.ts";
import { RawStream } from "./raw-stream.ts";
import { readHandshake } from "./read-handshake.ts";

export interface AcceptOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: SlabPool;
  readonly encryption: Encryption;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** What this side answers with, for a torrent that it has; null for one that it has not. */
  flagsFor(infoHash: Uint8Array): HandshakeFlags | null;
  /** Cuts the connection while its handshakes are not done. */
  readonly signal: AbortSignal;
  /** The infohash behind an MSE `HASH('req2', SKEY)`; null when there is none. */
  findObfuscated(hash: Uint8Array): Uint8Array | null;
}

/**
 * Carries out the handshakes of a connection that came in, plain or encrypted: the first 20 bytes tell.
 * @throws {PeerError} when it is not for us; the connection is closed then.
 */
export async function acceptPeer(
  socket: StreamSocket,
  options: AcceptOptions,
): Promise<OpenedConnection> {
  const { signal } = options;
  const stream = new RawStream(socket, options.pool, options.clock);
  const onAbort = (): void => stream.abandon(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const isPlain = looksLikeHandshake(await stream.peek(HANDSHAKE_PREFIX_LENGTH_BYTES));
    if (isPlain && options.encryption === "require") {
      throw new PeerError(
        "encryption-required",
        "the peer came unencrypted, which is not allowed here",
      );
    }
    if (!isPlain) {
      if (options.encryption === "off") {
        throw new PeerError(
          "handshake-failed",
          "the peer came encrypted, which is switched off here",
        );
      }
      await encryptIncoming(stream, options);
    }
    const handshake = await readHandshake(stream);
    const flags = options.flagsFor(handshake.infoHash);
    if (flags === null)
      throw new PeerError("unknown-torrent", "the peer asks for a torrent we lack");
    stream.connection.send(
      encodeHandshake({ infoHash: handshake.infoHash, peerId: options.peerId, ...flags }),
    );
    stream.finish();
    return { connection: stream.connection, handshake, early: stream.drain() };
  } catch (error) {
    stream.abandon(error as Error);
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

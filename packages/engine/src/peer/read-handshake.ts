import { decodeHandshake, HANDSHAKE_LENGTH_BYTES, type Handshake } from "@shoal/protocol";
import type { RawStream } from "./raw-stream.ts";

/**
 * The peer's handshake (BEP 3).
 * @throws {PeerError} when the connection ends before; {PeerWireError} when it is none.
 */
export async function readHandshake(stream: RawStream): Promise<Handshake> {
  return decodeHandshake(await stream.read(HANDSHAKE_LENGTH_BYTES));
}

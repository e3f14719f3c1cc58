import {
  createMseInitiator,
  createMseResponder,
  type MseCrypto,
  type MseHandshake,
  type MseResult,
} from "@shoal/protocol";
import type { Random } from "@shoal/runtime";
import type { RawStream } from "./raw-stream.ts";

/**
 * Message stream encryption. `off`: never. `allow`: plain first, encrypted when a peer wants that.
 * `prefer`: encrypted first, plain when a peer cannot. `require`: RC4 or nothing.
 */
export type Encryption = "off" | "allow" | "prefer" | "require";

/**
 * What is offered or accepted, the most wanted first. Once a handshake is hidden, plain payload is
 * as good and much cheaper, so RC4 is taken only where it is asked for.
 */
function cryptosFor(encryption: Encryption): readonly MseCrypto[] {
  if (encryption === "require") return ["rc4"];
  return encryption === "prefer" ? ["rc4", "plaintext"] : ["plaintext", "rc4"];
}

/**
 * Encrypts a connection that this side opened; `initial` goes along with the handshake.
 * @throws {MseError} when the other side breaks it off or does not speak it; {PeerError} when it closes.
 */
export async function encryptOutgoing(
  stream: RawStream,
  options: {
    infoHash: Uint8Array;
    encryption: Encryption;
    random: Random;
    initial: Uint8Array;
  },
): Promise<void> {
  const machine = createMseInitiator({
    infoHash: options.infoHash,
    offer: cryptosFor(options.encryption),
    randomBytes: (lengthBytes) => options.random.bytes(lengthBytes),
    initialPayload: options.initial,
  });
  await carryOut(stream, machine);
}

/**
 * Answers the MSE handshake of a connection that came in.
 * @throws {MseError} when it fails or asks for an unknown torrent; {PeerError} when it closes.
 */
export async function encryptIncoming(
  stream: RawStream,
  options: {
    encryption: Encryption;
    random: Random;
    findObfuscated(hash: Uint8Array): Uint8Array | null;
  },
): Promise<void> {
  const machine = createMseResponder({
    findInfoHash: (hash) => options.findObfuscated(hash),
    accept: cryptosFor(options.encryption),
    randomBytes: (lengthBytes) => options.random.bytes(lengthBytes),
  });
  await carryOut(stream, machine);
}

async function carryOut(stream: RawStream, machine: MseHandshake): Promise<void> {
  if (machine.opening.length > 0) stream.send(machine.opening);
  let result: MseResult | null = null;
  while (result === null) {
    const progress = machine.receive(await stream.readSome());
    if (progress.send.length > 0) stream.send(progress.send);
    result = progress.result;
  }
  if (result.crypto === "rc4") stream.connection.setCipher(result);
  // The cipher is set after what was already received: it is deciphered by now.
  stream.unread(Buffer.concat([result.initialPayload, result.remainder]));
}

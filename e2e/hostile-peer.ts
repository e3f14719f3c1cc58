import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import {
  createPeerId,
  encodeHandshake,
  encodeHaveAll,
  encodeUnchoke,
  HANDSHAKE_LENGTH_BYTES,
  PEER_ID_RANDOM_BYTES,
  PIECE_HEADER_LENGTH_BYTES,
  REQUEST_LENGTH_BYTES,
  writePieceHeader,
} from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import type { Scope } from "../bench/clients/scope.ts";

/** What a hostile peer does to whoever connects to it. */
export type Attack =
  /** Random bytes from the first on, as fast as they are taken. */
  | "noise"
  /** An honest handshake, and random bytes behind it. */
  | "noise-after-handshake"
  /** Everything is offered, and every request is answered by a block of random bytes. */
  | "bad-blocks";

export interface HostilePeer {
  readonly endpoint: Endpoint;
  /** Connections that were made to it, and how many of them the other side has cut. */
  readonly connections: { made: number; cut: number };
}

/** Listens at an address of its own (127.0.0.2 and up), so that a ban strikes nobody else. */
export async function startHostilePeer(
  scope: Scope,
  address: string,
  infoHash: Uint8Array,
  attack: Attack,
): Promise<HostilePeer> {
  const connections = { made: 0, cut: 0 };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    connections.made++;
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      connections.cut++;
      open.delete(socket);
    });
    if (attack === "noise") return pourNoise(socket);
    greet(socket, infoHash);
    if (attack === "bad-blocks") answerBadly(socket);
    else pourNoise(socket);
  });
  server.listen(0, address);
  await once(server, "listening");
  scope.defer(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as { port: number };
  return { endpoint: { address, port }, connections };
}

/** Connects to a victim and pours noise until it is cut off. Resolves then. */
export async function attackSeed(victim: Endpoint): Promise<void> {
  const socket = connect({ host: victim.address, port: victim.port, localAddress: "127.0.0.2" });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  pourNoise(socket);
  await closed;
}

function greet(socket: Socket, infoHash: Uint8Array): void {
  const peerId = createPeerId(randomBytes(PEER_ID_RANDOM_BYTES));
  socket.write(encodeHandshake({ infoHash, peerId, fast: true }));
}

function pourNoise(socket: Socket): void {
  const noise = randomBytes(64 * 1024);
  const pour = (): void => {
    while (!socket.destroyed && socket.write(noise));
  };
  socket.on("drain", pour);
  socket.resume();
  pour();
}

/** Understands requests alone, which have the length that no other message has. */
function answerBadly(socket: Socket): void {
  let received = Buffer.alloc(0);
  let isGreeted = false;
  socket.write(encodeHaveAll());
  socket.write(encodeUnchoke());
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    if (!isGreeted && received.length >= HANDSHAKE_LENGTH_BYTES) {
      received = received.subarray(HANDSHAKE_LENGTH_BYTES);
      isGreeted = true;
    }
    while (isGreeted && received.length >= 4) {
      const length = 4 + received.readUInt32BE(0);
      if (received.length < length) return;
      if (length === REQUEST_LENGTH_BYTES && received[4] === 6) {
        const block = randomBytes(PIECE_HEADER_LENGTH_BYTES + received.readUInt32BE(13));
        const [piece, begin] = [received.readUInt32BE(5), received.readUInt32BE(9)];
        writePieceHeader(block, 0, piece, begin, block.length - PIECE_HEADER_LENGTH_BYTES);
        socket.write(block);
      }
      received = received.subarray(length);
    }
  });
}

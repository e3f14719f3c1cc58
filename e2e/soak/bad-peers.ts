import { randomBytes, randomInt } from "node:crypto";
import { connect, type Socket } from "node:net";
import {
  createPeerId,
  encodeBitfield,
  encodeExtended,
  encodeExtensionHandshake,
  encodeHandshake,
  encodeHaveAll,
  encodePex,
  encodeUnchoke,
  PEER_ID_RANDOM_BYTES,
} from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";

/** What a bad peer says, after a handshake that is right except for the first two. */
export const BAD_PEERS: Readonly<Record<string, (socket: Socket) => void>> = {
  silence: () => {},
  noise: (socket) => void socket.write(randomBytes(4096)),
  "a message without end": (socket) => void socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 7])),
  "a bitfield of another length": (socket) => void socket.write(encodeBitfield(randomBytes(999))),
  "blocks that nobody asked for": (socket) => {
    const block = Buffer.concat([Buffer.from([0, 0, 0x40, 9, 7]), randomBytes(8 + 16_384)]);
    socket.write(Buffer.concat([encodeHaveAll(), encodeUnchoke(), block]));
  },
  "an extension handshake of nonsense": (socket) =>
    void socket.write(encodeExtended(0, Buffer.from("d1:mi-1e1:md6:ut_pexi999eee"))),
  "peer exchange, broken": (socket) => {
    greet(socket, (id) => socket.write(encodeExtended(id, randomBytes(300))));
  },
  "peer exchange, of addresses without end": (socket) => {
    greet(socket, (id) => {
      const telling = setInterval(() => socket.write(encodeExtended(id, madeUp())), 200);
      socket.once("close", () => clearInterval(telling));
    });
  },
};

/** Offers peer exchange, and gives the ID that the other side takes its messages under. */
function greet(socket: Socket, whenKnown: (id: number) => void): void {
  const hello = encodeExtensionHandshake({ extensions: { ut_pex: 1 }, listenPort: 6881 });
  socket.write(encodeExtended(0, hello));
  let heard = "";
  const listen = (bytes: Buffer): void => {
    heard += bytes.toString("latin1");
    const id = /6:ut_pexi(\d+)e/.exec(heard)?.[1];
    if (id === undefined) return;
    socket.off("data", listen).resume();
    whenKnown(Number(id));
  };
  socket.on("data", listen);
}

/** Peers at ports of this machine that nobody listens at. */
function madeUp(): Uint8Array {
  const added = Array.from({ length: 50 }, () => ({
    address: `127.${randomInt(2, 250)}.${randomInt(250)}.${randomInt(1, 250)}`,
    port: randomInt(2, 20),
    flags: randomInt(32),
  }));
  return encodePex({ added, dropped: [] });
}

/** Connects bad peers from ever new addresses of 127/8, so many a second, until it is stopped. */
export function connectBadPeers(
  to: Endpoint,
  infoHashes: readonly Uint8Array[],
  perSecond: number,
): { readonly made: number; stop(): void } {
  const open = new Set<Socket>();
  const kinds = Object.entries(BAD_PEERS);
  let made = 0;
  const connecting = setInterval(() => {
    const [kind, speak] = kinds[made % kinds.length]!;
    const infoHash = infoHashes[Math.floor(made / kinds.length) % infoHashes.length]!;
    made++;
    const localAddress = `127.${randomInt(2, 250)}.${randomInt(250)}.${randomInt(1, 250)}`;
    const socket = connect({ host: to.address, port: to.port, localAddress });
    open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
    socket.resume();
    socket.once("connect", () => {
      const peerId = createPeerId(randomBytes(PEER_ID_RANDOM_BYTES));
      if (kind !== "silence" && kind !== "noise") {
        socket.write(encodeHandshake({ infoHash, peerId, fast: true, extended: true }));
      }
      speak(socket);
    });
    // Who is not cut off goes by himself.
    socket.setTimeout(15_000, () => socket.destroy());
  }, 1000 / perSecond);
  return {
    get made() {
      return made;
    },
    stop() {
      clearInterval(connecting);
      for (const socket of open) socket.destroy();
    },
  };
}

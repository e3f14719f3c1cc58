import { randomBytes, randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import {
  encodeBencode,
  encodeKrpcQuery,
  encodeLocalAnnounce,
  LOCAL_GROUPS,
  LOCAL_PORT,
  UTP_TYPE,
  writeUtpHeader,
} from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";

const id = (): Buffer => randomBytes(20);

/** A query of the DHT that is whole, and perhaps not to be granted. */
function query(request: Parameters<typeof encodeKrpcQuery>[0]["request"]): Uint8Array {
  return encodeKrpcQuery({ transactionId: randomBytes(2), id: id(), isReadOnly: false, request });
}

/** A packet of uTP with the fields of nobody's connection. */
function utp(type: number, more = 0): Uint8Array {
  const packet = Buffer.concat([Buffer.alloc(20), randomBytes(more)]);
  writeUtpHeader(packet, {
    type,
    extension: 0,
    connectionId: randomInt(65_536),
    timestampUs: randomInt(2 ** 32),
    timestampDifferenceUs: 0,
    windowBytes: 2 ** 20,
    seqNr: randomInt(65_536),
    ackNr: randomInt(65_536),
  });
  return packet;
}

function changed(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy[randomInt(copy.length)] = randomInt(256);
  return copy.subarray(0, 1 + randomInt(copy.length));
}

/** Datagrams of every protocol that shares a session's UDP port, and none that is right. */
export const BAD_DATAGRAMS: Readonly<Record<string, () => Uint8Array>> = {
  noise: () => randomBytes(1 + randomInt(1400)),
  empty: () => Buffer.alloc(0),
  "krpc, broken": () => changed(query({ method: "ping" })),
  "krpc, of the wrong types": () =>
    encodeBencode({ t: "aa", y: "q", q: "find_node", a: { id: 1, target: "short" } }),
  "krpc, of no method": () => encodeBencode({ t: "aa", y: "q", q: "delete", a: { id: id() } }),
  "krpc, nested": () => Buffer.from(`d1:a${"l".repeat(300)}${"e".repeat(300)}1:t2:aa1:y1:qe`),
  "krpc, an answer to nothing": () =>
    encodeBencode({ t: randomBytes(4), y: "r", r: { id: id(), nodes: randomBytes(26 * 8) } }),
  "krpc, a bad token": () =>
    query({
      method: "announce_peer",
      infoHash: id(),
      port: 9,
      impliedPort: false,
      token: randomBytes(8),
      isSeed: false,
    }),
  "krpc, queries without end": () =>
    query({ method: "get_peers", infoHash: id(), want: null, scrape: false }),
  "utp, a connection that is never used": () => utp(UTP_TYPE.syn),
  "utp, data of no connection": () => utp(UTP_TYPE.data, 1000),
  "utp, an end of no connection": () => utp(UTP_TYPE.fin),
  "utp, extensions that go on": () => {
    const packet = Buffer.from(utp(UTP_TYPE.state, 100));
    packet[1] = 1;
    packet[21] = 255;
    return packet;
  },
  "udp tracker, an answer to nothing": () =>
    Buffer.concat([Buffer.from([0, 0, 0, randomInt(4)]), randomBytes(16)]),
};

/** The same for local discovery, whose socket is another. */
const BAD_LOCAL: readonly (() => Uint8Array)[] = [
  () => randomBytes(200),
  () => Buffer.from("BT-SEARCH * HTTP/1.1\r\nHost: x\r\nPort: 99999\r\nInfohash: zz\r\n\r\n\r\n"),
  () =>
    changed(encodeLocalAnnounce({ port: 1, infoHashes: [id(), id()], cookie: "c" }, 4)).subarray(1),
];

/** Sends bad datagrams from ever new addresses of 127/8, so many of each kind a second, until it is stopped. */
export function sendBadDatagrams(
  to: Endpoint,
  perSecond: number,
): { readonly sent: number; stop(): void } {
  let sent = 0;
  let socket = open();
  function open(): Socket {
    const made = createSocket("udp4");
    made.on("error", () => {});
    made.on("message", () => {});
    made.bind({ address: `127.${randomInt(2, 250)}.${randomInt(250)}.${randomInt(1, 250)}` });
    return made;
  }
  const local = createSocket({ type: "udp4", reuseAddr: true });
  local.bind({ address: "127.0.0.1" }, () => local.setMulticastInterface("127.0.0.1"));
  const send = (): void => {
    for (const make of Object.values(BAD_DATAGRAMS)) {
      socket.send(make(), to.port, to.address, () => {});
      sent++;
    }
    for (const make of BAD_LOCAL) local.send(make(), LOCAL_PORT, LOCAL_GROUPS[4], () => {});
  };
  const sending = setInterval(send, 1000 / perSecond);
  const moving = setInterval(() => {
    socket.close();
    socket = open();
  }, 250);
  return {
    get sent() {
      return sent;
    },
    stop() {
      clearInterval(sending);
      clearInterval(moving);
      socket.close();
      local.close();
    },
  };
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StreamSocket } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { holdsContent, type SampleTorrent, sampleTorrent, startNode } from "./swarm-world.ts";
import { WEB_PORT } from "./web-server.ts";

const KIB = 1024;
const SERVER = "10.0.0.9";
const SINGLE = `http://${SERVER}/sample`;

/** How one request is answered, the first being number 0. */
type Answer = (
  socket: StreamSocket,
  range: readonly [number, number],
  content: Uint8Array,
  number: number,
) => void;

/** Takes many requests on each connection, and answers byte by byte. */
async function serveKept(world: SimWorld, sample: SampleTorrent, answer: Answer) {
  const counts = { requests: 0, connections: 0 };
  const host = world.host({ address: SERVER });
  await host.net.listen({ port: WEB_PORT }, (socket) => {
    counts.connections++;
    const place = new Uint8Array(4096);
    let head = "";
    socket.receive({
      buffer: () => place,
      received(lengthBytes) {
        head += Buffer.from(place.subarray(0, lengthBytes)).toString("latin1");
        const match = /^range: bytes=(\d+)-(\d+)\r\n/im.exec(head);
        if (!head.endsWith("\r\n\r\n") || match === null) return;
        head = "";
        const range = [Number(match[1]), Number(match[2])] as const;
        answer(socket, range, sample.contents[0]!, counts.requests++);
      },
      ended: () => socket.end(),
      closed: () => {},
    });
  });
  return counts;
}

/** Sends a range as it should be sent, with further header lines. */
function sendPlain(
  socket: StreamSocket,
  [first, last]: readonly [number, number],
  content: Uint8Array,
  ...lines: string[]
): void {
  const head = [
    "HTTP/1.1 206 Partial Content",
    `Content-Range: bytes ${first}-${last}/${content.length}`,
    `Content-Length: ${last - first + 1}`,
    ...lines,
    "\r\n",
  ];
  socket.write(Buffer.from(head.join("\r\n"), "latin1"));
  socket.write(content.subarray(first, last + 1));
}

async function download(world: SimWorld, answer: Answer, kib = 6000) {
  const sample = sampleTorrent({
    version: "v1",
    pieceLengthBytes: 64 * KIB,
    fileLengths: [kib * KIB],
  });
  const counts = await serveKept(world, sample, answer);
  const node = await startNode(world, {
    host: { address: "10.0.0.2" },
    sample,
    torrent: { webSeeds: [SINGLE] },
  });
  return { ...node, sample, counts };
}

describe("a web seed that answers plainly", () => {
  it("is asked over connections that are kept", () =>
    withWorld({ seed: 1 }, async (world) => {
      const { torrent, host, sample, counts } = await download(
        world,
        (socket, range, content) => sendPlain(socket, range, content),
        24_000,
      );
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      assert.ok(counts.requests >= 4, `${counts.requests} requests`);
      // The first goes through the Http port, which keeps none in this world.
      assert.ok(counts.connections <= 4, `${counts.connections} connections`);
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(host.disk.pool.usedBytes, 0);
    }));

  it("may close a kept connection just as it is used again", () =>
    withWorld({ seed: 2 }, async (world) => {
      const used = new Set<StreamSocket>();
      let closed = 0;
      const { torrent, host, sample } = await download(
        world,
        (socket, range, content) => {
          if (used.has(socket) && closed === 0) {
            closed++;
            return socket.destroy();
          }
          used.add(socket);
          sendPlain(socket, range, content);
        },
        24_000,
      );
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      assert.equal(closed, 1);
      assert.equal(torrent.webSeeds()[0]?.error, null);
    }));

  const odd: Record<
    string,
    (socket: StreamSocket, range: readonly [number, number], content: Uint8Array) => void
  > = {
    "in chunks": (socket, [first, last], content) => {
      const range = `Content-Range: bytes ${first}-${last}/${content.length}`;
      const head = `HTTP/1.1 206 OK\r\n${range}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      socket.write(Buffer.from(`${head}${(last - first + 1).toString(16)}\r\n`));
      socket.write(content.subarray(first, last + 1));
      socket.write(Buffer.from("\r\n0\r\n\r\n"));
    },
    "with a header that is repeated": (socket, range, content) =>
      sendPlain(socket, range, content, "X-Cache: a", "X-Cache: b"),
  };
  for (const [way, send] of Object.entries(odd)) {
    it(`is read through the Http port once it answers ${way}`, () =>
      withWorld({ seed: 3 }, async (world) => {
        const { torrent, host, sample } = await download(
          world,
          (socket, range, content, number) => {
            if (number < 2) sendPlain(socket, range, content);
            else send(socket, range, content);
          },
        );
        await world.complete(torrent.whenComplete(), 60_000);
        assert.ok(holdsContent(host, sample));
        assert.equal(torrent.webSeeds()[0]?.error, null);
      }));
  }

  it("is not kept when it sends more than it said", () =>
    withWorld({ seed: 4 }, async (world) => {
      const { torrent, host, sample } = await download(world, (socket, range, content) => {
        sendPlain(socket, range, content);
        socket.write(new Uint8Array(1000));
      });
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
    }));

  const failures: Record<string, Parameters<typeof download>[1]> = {
    "falls silent": () => {},
    "sends a head without end": (socket) => socket.write(Buffer.alloc(40 * KIB, "a")),
    "breaks off in a body": (socket, [first, last], content) => {
      const range = `Content-Range: bytes ${first}-${last}/${content.length}`;
      const head = `HTTP/1.1 206 OK\r\n${range}\r\nContent-Length: ${last - first + 1}\r\n\r\n`;
      socket.write(Buffer.from(head));
      socket.write(content.subarray(first, first + 10));
      socket.end();
    },
  };
  for (const [way, fail] of Object.entries(failures)) {
    it(`waits when it ${way}, and is asked again`, () =>
      withWorld({ seed: 5 }, async (world) => {
        const { torrent, host, sample } = await download(
          world,
          (socket, range, content, number) => {
            if (number < 2 || number > 6) sendPlain(socket, range, content);
            else fail(socket, range, content, number);
          },
        );
        await world.run({
          until: () => torrent.webSeeds()[0]?.state === "waiting",
          limitMs: 60_000,
        });
        await world.complete(torrent.whenComplete(), 300_000);
        assert.ok(holdsContent(host, sample));
        await world.run({ untilMs: world.timeMs + 1000 });
        assert.equal(host.disk.pool.usedBytes, 0);
      }));
  }
});

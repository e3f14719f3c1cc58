import assert from "node:assert/strict";
import { isIP } from "node:net";
import { suite, test } from "node:test";
import type { Clock, StreamSocket } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { openWebRtc } from "./open-web-rtc.ts";

async function withClock(body: (clock: Clock) => Promise<void>): Promise<void> {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  try {
    await body(runtime.clock);
  } finally {
    await runtime.close();
  }
}

async function connect(clock: Clock) {
  const webRtc = openWebRtc({ clock });
  const offer = await webRtc.offer();
  const answer = await webRtc.answer(offer.description);
  await offer.accept(answer.description);
  const [a, b] = await Promise.all([offer.socket, answer.socket]);
  return { webRtc, a, b };
}

/** Collects what comes; `whole` resolves once `lengthBytes` are there. */
function collect(socket: StreamSocket, lengthBytes: number) {
  const whole = Promise.withResolvers<Buffer>();
  const closed = Promise.withResolvers<Error | null>();
  const parts: Buffer[] = [];
  let sum = 0;
  socket.receive({
    buffer: () => new Uint8Array(10_000),
    received(length, buffer) {
      parts.push(Buffer.from(buffer.subarray(0, length)));
      sum += length;
      if (sum >= lengthBytes) whole.resolve(Buffer.concat(parts));
    },
    ended() {},
    closed: closed.resolve,
  });
  return { whole: whole.promise, closed: closed.promise };
}

suite("WebRTC", () => {
  test("an offer and its answer become a stream of which both ends name an address", async () => {
    await withClock(async (clock) => {
      const { webRtc, a, b } = await connect(clock);
      for (const { remote, local } of [a, b]) {
        assert.deepEqual([remote.port, local.port], [0, 0]);
        assert.ok(isIP(remote.address) > 0 && isIP(local.address) > 0);
      }
      webRtc.close();
    });
  });

  test("bytes of shared memory come whole and in order, whatever the size of the writes", async () => {
    await withClock(async (clock) => {
      const { webRtc, a, b } = await connect(clock);
      const bytes = new Uint8Array(new SharedArrayBuffer(3_000_000));
      for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 7 + (at >> 9)) & 0xff;
      const { whole } = collect(b, bytes.length);
      for (let at = 0; at < bytes.length; at += 300_001) a.write(bytes.subarray(at, at + 300_001));
      assert.deepEqual(await whole, Buffer.from(bytes));
      webRtc.close();
    });
  });

  test("what is queued is sent before an end, and the other side sees it close", async () => {
    await withClock(async (clock) => {
      const { webRtc, a, b } = await connect(clock);
      const { whole, closed } = collect(b, 200_000);
      a.write(new Uint8Array(200_000));
      a.end();
      assert.equal((await whole).length, 200_000);
      assert.equal(await closed, null);
      webRtc.close();
    });
  });

  test("descriptions that make no sense are refused", async () => {
    await withClock(async (clock) => {
      const webRtc = openWebRtc({ clock });
      for (const sdp of ["", "v=0", "x".repeat(20_000)]) {
        await assert.rejects(webRtc.answer({ type: "offer", sdp }), { code: "bad-description" });
      }
      const offer = await webRtc.offer();
      await assert.rejects(offer.accept({ type: "answer", sdp: "?" }), { code: "bad-description" });
      await assert.rejects(offer.socket, { code: "bad-description" });
      webRtc.close();
    });
  });

  test("closing gives up what waits for an answer", async () => {
    await withClock(async (clock) => {
      const webRtc = openWebRtc({ clock });
      const { socket } = await webRtc.offer();
      webRtc.close();
      await assert.rejects(socket, { code: "closed" });
      await assert.rejects(webRtc.offer(), { code: "closed" });
    });
  });
});

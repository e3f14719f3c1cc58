import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { patternBytes } from "../conformance/fixture.ts";
import { probeStream } from "../conformance/stream-probe.ts";
import { NetError } from "../errors.ts";
import type { StreamSocket } from "../ports/net.ts";
import { createNet } from "./net.ts";

async function acceptRaw() {
  const accepted = Promise.withResolvers<StreamSocket>();
  const listener = await createNet("127.0.0.1").listen({ port: 0 }, accepted.resolve);
  const raw = connect(listener.local.port, "127.0.0.1");
  await once(raw, "connect");
  return { listener, raw, socket: await accepted.promise };
}

test("a connection that the other side resets closes with a reset, and answers its writes", async () => {
  const { listener, raw, socket } = await acceptRaw();
  const probe = probeStream(socket);
  const { promise, resolve } = Promise.withResolvers<Error | null>();
  socket.write(new Uint8Array(50_000_000), resolve);
  raw.resetAndDestroy();
  const error = await probe.closed;
  assert.ok(error instanceof NetError);
  assert.equal(error.code, "reset");
  assert.match(error.message, /127\.0\.0\.1:\d+/);
  assert.ok((await promise) instanceof NetError);
  assert.equal(probe.faults, 0);
  await listener.close();
});

test("a socket destroyed while it delivers asks for no further buffer", async () => {
  const { listener, raw, socket } = await acceptRaw();
  raw.on("error", () => {});
  const probe = probeStream(socket, { bufferBytes: 10, onReceived: () => socket.destroy() });
  raw.write(patternBytes(100_000, 1));
  await probe.closed;
  assert.equal(probe.received().length, 10);
  assert.equal(probe.faults, 0);
  raw.destroy();
  await listener.close();
});

test("bytes are read straight into the buffer that was handed out", async () => {
  const { listener, raw, socket } = await acceptRaw();
  const memory = new Uint8Array(new SharedArrayBuffer(1_000_000));
  const message = patternBytes(900_000, 2);
  const { promise, resolve } = Promise.withResolvers<void>();
  let filledBytes = 0;
  socket.receive({
    buffer: () => memory.subarray(filledBytes),
    received(lengthBytes) {
      filledBytes += lengthBytes;
      if (filledBytes === message.length) resolve();
    },
    ended() {},
    closed() {},
  });
  raw.write(message);
  await promise;
  assert.deepEqual(Buffer.from(memory.subarray(0, filledBytes)), Buffer.from(message));
  raw.destroy();
  socket.destroy();
  await listener.close();
});

test("a socket that closes while its owner begins to receive says so once", async () => {
  const { listener, raw, socket } = await acceptRaw();
  raw.on("error", () => {}).resume();
  socket.destroy();
  const probe = probeStream(socket);
  assert.equal(await probe.closed, null);
  await once(raw, "close");
  assert.equal(probe.faults, 0);
  await listener.close();
});

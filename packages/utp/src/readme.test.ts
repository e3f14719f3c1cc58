import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceiveSink, StreamSocket } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { createUtpMultiplexer } from "./index.ts";

test("the README's example says hello", async () => {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const heard = Promise.withResolvers<string>();
  const sink: ReceiveSink = {
    buffer: () => new Uint8Array(100),
    received: (lengthBytes, buffer) =>
      heard.resolve(new TextDecoder().decode(buffer.subarray(0, lengthBytes))),
    ended() {},
    closed() {},
  };

  const { net, clock, random } = runtime;

  async function open(onConnection?: (socket: StreamSocket) => void) {
    const socket = await net.bindUdp(
      { host: "127.0.0.1", port: 0 },
      (bytes, from) => void utp.receive(bytes, from),
      () => utp.flush(),
    );
    const utp = createUtpMultiplexer({
      send: (bytes, to) => socket.send(bytes, to),
      clock,
      random,
      local: socket.local,
      ...(onConnection && { onConnection }),
    });
    return { socket, utp };
  }

  const server = await open((accepted) => accepted.receive(sink));
  const client = await open();
  const stream = await client.utp.connect(server.socket.local);
  stream.write(new TextEncoder().encode("hello"));

  assert.equal(await heard.promise, "hello");
  for (const { socket, utp } of [client, server]) {
    utp.close();
    await socket.close();
  }
  await runtime.close();
});

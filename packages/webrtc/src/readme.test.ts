import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceiveSink } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { openWebRtc } from "./index.ts";

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

  const webRtc = openWebRtc({ clock: runtime.clock });
  const offer = await webRtc.offer();
  const answer = await webRtc.answer(offer.description);
  await offer.accept(answer.description);
  const [near, far] = await Promise.all([offer.socket, answer.socket]);
  far.receive(sink);
  near.write(new TextEncoder().encode("hello"));

  assert.equal(await heard.promise, "hello");
  webRtc.close();
  await runtime.close();
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { ChannelSocket } from "./channel-socket.ts";
import type { DataChannel } from "./data-channel.ts";

const ENDPOINT = { address: "10.0.0.1", port: 1 };

/** A channel of which the test says how much waits in it. */
class ScriptedChannel implements DataChannel {
  binaryType = "";
  readyState = "open";
  bufferedAmount = 0;
  sentBytes = 0;
  longestMessage = 0;
  #onClose: () => void = () => {};
  addEventListener(type: string, listener: (event: never) => void): void {
    if (type === "close") this.#onClose = listener as () => void;
  }
  send(bytes: Uint8Array): void {
    this.bufferedAmount += bytes.length;
    this.sentBytes += bytes.length;
    this.longestMessage = Math.max(this.longestMessage, bytes.length);
  }
  close(): void {
    this.readyState = "closed";
    this.#onClose();
  }
}

async function withSocket(
  body: (parts: {
    world: SimWorld;
    channel: ScriptedChannel;
    socket: ChannelSocket;
    heard: (number | string)[];
    listen: () => void;
  }) => Promise<void>,
): Promise<void> {
  await withWorld({}, async (world) => {
    const { clock } = world.host({ address: "10.0.0.1" });
    const channel = new ScriptedChannel();
    const socket = new ChannelSocket({
      channel,
      clock,
      remote: ENDPOINT,
      local: ENDPOINT,
      onClosed: () => {},
    });
    const heard: (number | string)[] = [];
    const listen = (): void =>
      socket.receive({
        buffer: () => new Uint8Array(1000),
        received: (length) => heard.push(length),
        ended: () => heard.push("ended"),
        closed: (error) => heard.push(error === null ? "closed" : error.message),
      });
    await body({ world, channel, socket, heard, listen });
  });
}

const settle = async (world: SimWorld): Promise<void> => {
  await world.run({ untilMs: world.timeMs + 100 });
};

suite("a data channel as a stream", () => {
  test("writes wait while a MiB is on its way, and go on once there is room", async () => {
    await withSocket(async ({ world, channel, socket }) => {
      let isSent = false;
      socket.write(new Uint8Array(3_000_000), () => (isSent = true));
      await settle(world);
      assert.ok(channel.sentBytes <= 1024 * 1024 + 64 * 1024);
      assert.equal(socket.queuedBytes, 3_000_000);
      for (let turn = 0; turn < 2; turn++) {
        assert.equal(isSent, false);
        channel.bufferedAmount = 0;
        await settle(world);
      }
      assert.equal(channel.sentBytes, 3_000_000);
      assert.equal(isSent, true);
      assert.equal(channel.longestMessage, 64 * 1024);
      socket.destroy();
    });
  });

  test("what comes before the reader, or while it rests, is kept for it in parts that fit", async () => {
    await withSocket(async ({ world, socket, heard, listen }) => {
      socket.take(new ArrayBuffer(1500));
      listen();
      await settle(world);
      socket.pause();
      socket.take(new ArrayBuffer(10));
      assert.deepEqual(heard, [1000, 500]);
      socket.resume();
      await settle(world);
      assert.deepEqual(heard, [1000, 500, 10]);
      socket.destroy();
    });
  });

  test("limit: what a data channel brings while nobody reads", async () => {
    await withSocket(async ({ world, channel, socket, heard, listen }) => {
      listen();
      socket.pause();
      for (let count = 0; count < 33; count++) socket.take(new ArrayBuffer(256 * 1024));
      assert.equal(channel.readyState, "closed");
      socket.destroy();
      await settle(world);
      assert.deepEqual(heard, ["the peer sends more than was asked for"]);
    });
  });

  test("an orderly close comes after the last bytes; a destroyed stream hands out none", async () => {
    for (const isDestroyed of [false, true]) {
      await withSocket(async ({ world, channel, socket, heard, listen }) => {
        listen();
        socket.pause();
        socket.take(new ArrayBuffer(5));
        if (isDestroyed) socket.destroy();
        else channel.close();
        socket.resume();
        await settle(world);
        assert.deepEqual(heard, isDestroyed ? ["closed"] : [5, "ended", "closed"]);
      });
    }
  });

  test("writes that the channel never took are told so, outside of the call", async () => {
    await withSocket(async ({ world, channel, socket }) => {
      const results: (string | null)[] = [];
      channel.bufferedAmount = 2e6;
      socket.write(new Uint8Array(5), (error) => results.push(error?.message ?? null));
      socket.destroy();
      socket.write(new Uint8Array(5), (error) => results.push(error?.message ?? null));
      assert.deepEqual(results, []);
      await settle(world);
      assert.equal(results.length, 2);
      assert.ok(results.every((result) => result !== null));
    });
  });
});

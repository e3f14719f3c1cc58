import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { StreamSocket } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { WebPeers } from "@shoal/tracker";
import type { WebRtc } from "@shoal/webrtc";
import { createSessionWebPeers } from "./session-web-peers.ts";

const TORRENT = new Uint8Array(20).fill(1);
const OTHER = new Uint8Array(20).fill(2);
const SOCKET = {} as StreamSocket;

/** Attempts that go as the test says. */
class ScriptedWebRtc implements WebRtc {
  readonly attempts: { open(): void; isCancelled: boolean; answers: number }[] = [];
  isAvailable(): Promise<boolean> {
    return Promise.resolve(true);
  }
  #attempt(type: "offer" | "answer") {
    const { promise: socket, resolve, reject } = Promise.withResolvers<StreamSocket>();
    socket.catch(() => {});
    const attempt = { open: () => resolve(SOCKET), isCancelled: false, answers: 0 };
    this.attempts.push(attempt);
    return Promise.resolve({
      description: { type, sdp: "" },
      socket,
      cancel() {
        attempt.isCancelled = true;
        reject(new Error("cancelled"));
      },
      accept: () => Promise.resolve(void attempt.answers++),
    });
  }
  offer() {
    return this.#attempt("offer");
  }
  answer() {
    return this.#attempt("answer");
  }
  close(): void {}
}

async function withPeers(
  body: (parts: {
    world: SimWorld;
    webRtc: ScriptedWebRtc;
    peers: WebPeers;
    streams: string[];
    stop: () => void;
  }) => Promise<void>,
): Promise<void> {
  await withWorld({}, async (world) => {
    const { clock, random } = world.host({ address: "10.0.0.1" });
    const webRtc = new ScriptedWebRtc();
    const streams: string[] = [];
    const stopping = new AbortController();
    const peers = createSessionWebPeers({
      ...{ webRtc, clock, random, signal: stopping.signal },
      hasTorrent: (infoHash) => infoHash[0] === 1,
      onDialed: (_socket, infoHash) => streams.push(`dialed ${infoHash[0]}`),
      onAccepted: () => streams.push("accepted"),
    });
    await body({ world, webRtc, peers, streams, stop: () => stopping.abort() });
    stopping.abort();
  });
}

const answer = { type: "answer", sdp: "" } as const;
const offer = { type: "offer", sdp: "" } as const;

suite("browsers' peers of a session", () => {
  test("an offer that is answered becomes a stream of its torrent, and other answers nothing", async () => {
    await withPeers(async ({ webRtc, peers, streams }) => {
      const [made] = await peers.createOffers(TORRENT, 1);
      peers.accept(OTHER, made!.offerId, answer);
      peers.accept(TORRENT, OTHER, answer);
      assert.equal(webRtc.attempts[0]!.answers, 0);
      peers.accept(TORRENT, made!.offerId, answer);
      peers.accept(TORRENT, made!.offerId, answer);
      assert.equal(webRtc.attempts[0]!.answers, 1);
      webRtc.attempts[0]!.open();
      await peers.createOffers(OTHER, 1);
      assert.deepEqual(streams, ["dialed 1"]);
    });
  });

  test("limit: offers of a session that have not led to a stream", async () => {
    await withPeers(async ({ world, webRtc, peers }) => {
      for (const [wanted, made] of [
        [40, 40],
        [40, 10],
        [10, 0],
      ] as const) {
        assert.equal((await peers.createOffers(TORRENT, wanted)).length, made);
      }
      await world.run({ untilMs: 51_000 });
      assert.ok(webRtc.attempts.every(({ isCancelled }) => isCancelled));
      assert.equal((await peers.createOffers(TORRENT, 10)).length, 10);
    });
  });

  test("limit: others' offers that were answered, and whose connections are being opened", async () => {
    await withPeers(async ({ webRtc, peers, streams }) => {
      assert.equal(await peers.answer(OTHER, offer), null);
      for (let count = 0; count < 50; count++) {
        assert.notEqual(await peers.answer(TORRENT, offer), null);
      }
      assert.equal(await peers.answer(TORRENT, offer), null);
      webRtc.attempts[0]!.open();
      await Promise.resolve();
      assert.deepEqual(streams, ["accepted"]);
      assert.notEqual(await peers.answer(TORRENT, offer), null);
    });
  });

  test("the end of the session gives up what is pending, and makes no more", async () => {
    await withPeers(async ({ webRtc, peers, stop }) => {
      await peers.createOffers(TORRENT, 2);
      const [answered] = await peers.createOffers(TORRENT, 1);
      peers.accept(TORRENT, answered!.offerId, answer);
      await peers.answer(TORRENT, offer);
      stop();
      assert.ok(webRtc.attempts.every(({ isCancelled }) => isCancelled));
      assert.deepEqual(await peers.createOffers(TORRENT, 2), []);
      assert.equal(await peers.answer(TORRENT, offer), null);
    });
  });
});

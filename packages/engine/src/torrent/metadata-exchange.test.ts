import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  type ExtensionHandshake,
  type MetadataMessage,
} from "@shoal/protocol";
import type { Clock } from "@shoal/runtime";
import type { ExtensionSession } from "../extension/extension.ts";
import type { PeerView } from "../peer/peer-view.ts";
import { MetadataExchange } from "./metadata-exchange.ts";

const PIECE = 16 * 1024;
const INFO = Buffer.from(Uint8Array.from({ length: 5 * PIECE + 100 }, (_, i) => (i * 31) % 256));
const V1 = createHash("sha1").update(INFO).digest();

function setUp(infoBytes: Uint8Array | null = null) {
  let nowMs = 0;
  const got: Uint8Array[] = [];
  const liars: number[] = [];
  const exchange = new MetadataExchange({
    identity: { v1: V1, v2: null },
    clock: { monotonicMs: () => nowMs } as Clock,
    infoBytes,
    onMetadata: (bytes) => got.push(bytes),
    onLiar: (id) => liars.push(id),
  });
  let lastId = 0;
  /** A peer; it says how long the metadata is unless `lengthBytes` is null. */
  const join = (lengthBytes: number | null = INFO.length) => {
    const sent: MetadataMessage[] = [];
    const id = ++lastId;
    const session: ExtensionSession = exchange.attach({
      view: { id } as PeerView,
      send: (payload) => sent.push(decodeMetadataMessage(payload)),
    });
    const handshake = {
      extensions: new Map(),
      ...(lengthBytes === null ? {} : { metadataLengthBytes: lengthBytes }),
    } as unknown as ExtensionHandshake;
    session.onHandshake!(handshake, true);
    return {
      id,
      session,
      sent,
      asked: () => sent.flatMap((message) => (message.type === "request" ? [message.piece] : [])),
      /** Answers all that was asked so far. */
      answer(from: Uint8Array = INFO) {
        for (const message of sent.splice(0)) {
          if (message.type === "request") {
            session.onMessage(encodeMetadataData(message.piece, from));
          }
        }
      },
    };
  };
  const pass = (ms: number): void => {
    nowMs += ms;
    exchange.tick();
  };
  return { exchange, got, liars, join, pass };
}

const lie = (): Buffer => Buffer.alloc(INFO.length, 7);

describe("the exchange of metadata (BEP 9)", () => {
  it("fetches all pieces from one peer and gives the whole once", () => {
    const { got, join, exchange } = setUp();
    const peer = join();
    assert.deepEqual(peer.asked(), [0, 1, 2, 3, 4, 5]);
    peer.answer();
    assert.equal(got.length, 1);
    assert.equal(Buffer.compare(got[0]!, INFO), 0);
    assert.equal(exchange.lengthBytes, INFO.length);
  });

  it("takes pieces in any order, each once, and none that was not asked for", () => {
    const { got, join } = setUp();
    const { session } = join();
    session.onMessage(encodeMetadataData(5, INFO));
    session.onMessage(encodeMetadataData(5, INFO));
    for (const piece of [3, 1, 4, 0]) session.onMessage(encodeMetadataData(piece, INFO));
    assert.equal(got.length, 0);
    session.onMessage(encodeMetadataData(2, INFO));
    assert.equal(got.length, 1);
  });

  it("names a liar, and gets the truth from another", () => {
    const { got, liars, join, pass } = setUp();
    const liar = join();
    const honest = join();
    liar.answer(lie());
    assert.deepEqual(liars, [liar.id]);
    assert.equal(got.length, 0);
    pass(1000);
    honest.answer();
    assert.equal(got.length, 1);
    assert.deepEqual(liars, [liar.id]);
  });

  it("a liar that mixes in spoils nothing of what others send", () => {
    const { got, liars, join } = setUp();
    const [liar, honest] = [join(), join()];
    liar.session.onMessage(encodeMetadataData(0, lie()));
    honest.answer();
    assert.equal(got.length, 1);
    assert.deepEqual(liars, []);
  });

  it("asks three peers at once, and the next when one of them is slow, lies or leaves", () => {
    const { join, pass } = setUp();
    const peers = Array.from({ length: 6 }, () => join());
    const active = () => peers.map((peer) => peer.asked().length > 0);
    assert.deepEqual(active(), [true, true, true, false, false, false]);
    peers[0]!.session.onClose!();
    pass(1000);
    assert.deepEqual(active(), [true, true, true, true, false, false]);
    peers[1]!.answer(lie());
    pass(1000);
    assert.equal(active()[4], true);
    pass(11_000);
    assert.equal(active()[5], true);
  });

  it("one that answered none in 10 s is asked again after the others", () => {
    const { join, pass, got } = setUp();
    const slow = join();
    slow.sent.length = 0;
    pass(11_000);
    assert.ok(slow.asked().length > 0, "there is nobody else");
    slow.answer();
    assert.equal(got.length, 1);
  });

  it("peers that reject, or say no length, are not waited for", () => {
    const { join, pass, got } = setUp();
    for (let i = 0; i < 3; i++) join().session.onMessage(encodeMetadataReject(0));
    assert.deepEqual(join(null).asked(), []);
    const honest = join();
    pass(1000);
    honest.answer();
    assert.equal(got.length, 1);
  });

  it("ten thousand peers that announce 30 MiB and send nothing cost no memory, and three requests' worth", () => {
    const { join } = setUp();
    const before = process.memoryUsage().arrayBuffers;
    const peers = Array.from({ length: 10_000 }, () => join(30 * 1024 * 1024));
    assert.equal(peers.filter((peer) => peer.asked().length > 0).length, 3);
    assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000);
  });

  it("has eight requests outstanding at most", () => {
    const { join } = setUp();
    assert.equal(join(10 * 1024 * 1024).asked().length, 8);
  });

  it("data whose length differs from the announced one is dropped", () => {
    const { join, got, liars } = setUp();
    const peer = join();
    peer.answer(Buffer.concat([INFO, INFO]));
    assert.deepEqual([got, liars], [[], []]);
  });

  it("serves what it has, and rejects what lies beyond", () => {
    const { join } = setUp(INFO);
    const { session, sent } = join(null);
    session.onMessage(encodeMetadataRequest(5));
    session.onMessage(encodeMetadataRequest(6));
    session.onMessage(encodeMetadataRequest(4_000_000_000));
    assert.deepEqual(
      sent.map((message) => [message.type, "piece" in message ? message.piece : null]),
      [
        ["data", 5],
        ["reject", 6],
        ["reject", 4_000_000_000],
      ],
    );
    assert.equal(sent[0]!.type === "data" && sent[0]!.data.length, 100);
  });

  it("rejects while it has nothing", () => {
    const { join } = setUp();
    const { session, sent } = join(null);
    session.onMessage(encodeMetadataRequest(0));
    assert.deepEqual(
      sent.map(({ type }) => type),
      ["reject"],
    );
  });

  it("gives each peer its metadata four times over, and no more", () => {
    const { join } = setUp(INFO);
    const { session, sent } = join(null);
    for (let i = 0; i < 100; i++) session.onMessage(encodeMetadataRequest(i % 6));
    assert.equal(sent.filter(({ type }) => type === "data").length, 24);
    assert.equal(sent.filter(({ type }) => type === "reject").length, 76);
  });

  it("takes saved metadata only when it hashes right", () => {
    const { exchange, got, join } = setUp();
    assert.equal(exchange.give(lie()), false);
    assert.equal(exchange.give(INFO), true);
    assert.equal(exchange.give(INFO), false);
    assert.equal(got.length, 1);
    assert.deepEqual(join().asked(), []);
  });
});

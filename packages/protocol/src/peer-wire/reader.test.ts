import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { testDecoder } from "../fuzz/test-decoder.ts";
import { PeerWireError } from "../errors.ts";
import {
  encodeBitfield,
  encodeCancel,
  encodeChoke,
  encodeExtended,
  encodeHave,
  encodeKeepAlive,
  encodeReject,
  encodeRequest,
  writePieceHeader,
} from "./encode-message.ts";
import { PIECE_HEADER_LENGTH_BYTES } from "./message.ts";
import { createMessageReader, MAX_MESSAGE_LENGTH_BYTES, type MessageHandler } from "./reader.ts";

/** What a reader said, blocks joined: so that any way of cutting gives the same. */
type Said = readonly (string | number)[];

interface Recorder extends MessageHandler {
  readonly said: Said[];
}

function createRecorder(): Recorder {
  const said: (string | number)[][] = [];
  let block: { head: (string | number)[]; parts: Buffer[] } | null = null;
  const hear =
    (name: string) =>
    (...numbers: number[]) => {
      assert.equal(block, null, `${name} came within a block`);
      said.push([name, ...numbers]);
    };
  return {
    said,
    onKeepAlive: hear("keep-alive"),
    onHave: hear("have"),
    onRequest: hear("request"),
    onCancel: hear("cancel"),
    onReject: hear("reject"),
    onBlockStart(piece, begin, lengthBytes) {
      assert.equal(block, null);
      block = { head: ["block", piece, begin, lengthBytes], parts: [] };
    },
    onBlockPart(bytes, from, lengthBytes) {
      assert.ok(lengthBytes > 0);
      assert.ok(from + lengthBytes <= bytes.length);
      block!.parts.push(Buffer.from(bytes.slice(from, from + lengthBytes)));
    },
    onBlockEnd() {
      said.push([...block!.head, Buffer.concat(block!.parts).toString("hex")]);
      block = null;
    },
    onMessage: (id, payload) => {
      assert.equal(block, null);
      said.push(["message", id, Buffer.from(payload).toString("hex")]);
    },
  };
}

function pieceMessage(piece: number, begin: number, block: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PIECE_HEADER_LENGTH_BYTES + block.length);
  writePieceHeader(bytes, 0, piece, begin, block.length);
  bytes.set(block, PIECE_HEADER_LENGTH_BYTES);
  return bytes;
}

/** Pushes a stream cut at these places, each part at another place of a larger buffer. */
function readCut(stream: Uint8Array, cuts: readonly number[]): Said[] {
  const recorder = createRecorder();
  const reader = createMessageReader(recorder);
  const borders = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
  for (let i = 0; i + 1 < borders.length; i++) {
    const part = stream.subarray(borders[i], borders[i + 1]);
    const margin = i % 7;
    const place = new Uint8Array(part.length + 2 * margin).fill(0xee);
    place.set(part, margin);
    reader.push(place, margin, margin + part.length);
    // The memory is used again by the next read.
    place.fill(0xdd);
  }
  return recorder.said;
}

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const triple = fc.tuple(uint32, uint32, uint32);
const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength });
const message: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constant(encodeKeepAlive()),
  fc.constant(encodeChoke()),
  uint32.map(encodeHave),
  triple.map((numbers) => encodeRequest(...numbers)),
  triple.map((numbers) => encodeCancel(...numbers)),
  triple.map((numbers) => encodeReject(...numbers)),
  bytesUpTo(300).map(encodeBitfield),
  fc
    .tuple(fc.integer({ min: 0, max: 255 }), bytesUpTo(9000))
    .map(([id, payload]) => encodeExtended(id, payload)),
  fc
    .tuple(uint32, uint32, bytesUpTo(400))
    .map(([piece, begin, block]) => pieceMessage(piece, begin, block)),
);

function header(lengthBytes: number, ...rest: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + rest.length);
  new DataView(bytes.buffer).setUint32(0, lengthBytes);
  bytes.set(rest, 4);
  return bytes;
}

function throwsAt(code: PeerWireError["code"], ...pushes: readonly Uint8Array[]): void {
  const reader = createMessageReader(createRecorder());
  assert.throws(
    () => pushes.forEach((bytes) => reader.push(bytes, 0, bytes.length)),
    (error) => error instanceof PeerWireError && error.code === code,
  );
}

describe("the reader of the peer wire", () => {
  it("BEP 3: gives each message once, in order", () => {
    const stream = Buffer.concat([
      encodeKeepAlive(),
      encodeHave(7),
      encodeRequest(1, 2, 3),
      encodeCancel(4, 5, 6),
      encodeReject(7, 8, 0xffff_ffff),
      pieceMessage(9, 10, Uint8Array.of(1, 2, 3)),
      encodeBitfield(Uint8Array.of(0xaa)),
      encodeChoke(),
    ]);
    assert.deepEqual(readCut(stream, []), [
      ["keep-alive"],
      ["have", 7],
      ["request", 1, 2, 3],
      ["cancel", 4, 5, 6],
      ["reject", 7, 8, 0xffff_ffff],
      ["block", 9, 10, 3, "010203"],
      ["message", 5, "aa"],
      ["message", 0, ""],
    ]);
  });

  it("gives the same whichever single byte the stream is cut at", () => {
    const stream = Buffer.concat([
      encodeRequest(1, 2, 3),
      pieceMessage(9, 10, Uint8Array.of(1, 2, 3, 4, 5)),
      encodeKeepAlive(),
      pieceMessage(9, 10, new Uint8Array(0)),
      encodeBitfield(new Uint8Array(70).fill(0xaa)),
      encodeHave(7),
    ]);
    const whole = readCut(stream, []);
    for (let cut = 0; cut <= stream.length; cut++) {
      assert.deepEqual(readCut(stream, [cut]), whole, `cut at ${cut}`);
    }
    assert.deepEqual(readCut(stream, [...stream.keys()]), whole, "cut at every byte");
  });

  it("gives the same however any stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (messages, places) => {
          const stream = Buffer.concat(messages);
          const cuts = places.map((place) => place % (stream.length + 1));
          assert.deepEqual(readCut(stream, cuts), readCut(stream, []));
          assert.equal(readCut(stream, []).length, messages.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("hands over a block's payload where it lies, without a copy", () => {
    const stream = pieceMessage(0, 0, new Uint8Array(100).fill(5));
    const parts: [Uint8Array, number, number][] = [];
    const reader = createMessageReader({
      ...createRecorder(),
      onBlockStart: () => {},
      onBlockPart: (bytes, from, lengthBytes) => parts.push([bytes, from, lengthBytes]),
      onBlockEnd: () => {},
    });
    reader.push(stream, 0, 50);
    reader.push(stream, 50, stream.length);
    assert.deepEqual(parts, [
      [stream, 13, 37],
      [stream, 50, 63],
    ]);
    assert.ok(parts.every(([bytes]) => bytes === stream));
  });

  it("gives a block of no bytes a start and an end, and no part", () => {
    assert.deepEqual(readCut(pieceMessage(1, 2, new Uint8Array(0)), [13]), [
      ["block", 1, 2, 0, ""],
    ]);
  });

  it("gives payloads in memory of their own, also of shared memory", () => {
    const stream = encodeBitfield(Uint8Array.of(1, 2, 3));
    const shared = new Uint8Array(new SharedArrayBuffer(stream.length));
    shared.set(stream);
    let payload = new Uint8Array(0) as Uint8Array;
    const reader = createMessageReader({
      ...createRecorder(),
      onMessage: (_id, bytes) => (payload = bytes),
    });
    reader.push(shared, 0, shared.length);
    shared.fill(0);
    assert.deepEqual([...payload], [1, 2, 3]);
    assert.ok(payload.buffer instanceof ArrayBuffer);
  });

  it("takes a message of 1 MiB, and refuses one byte more", () => {
    const most = new Uint8Array(4 + MAX_MESSAGE_LENGTH_BYTES);
    most.set(header(MAX_MESSAGE_LENGTH_BYTES, 20));
    assert.equal(readCut(most, [3, 4, 5, 100_000]).length, 1);
    throwsAt("message-too-long", header(MAX_MESSAGE_LENGTH_BYTES + 1));
    throwsAt("message-too-long", header(0xffff_ffff));
  });

  it("refuses a length as soon as its four bytes are there", () => {
    throwsAt("message-too-long", Uint8Array.of(0xff), Uint8Array.of(0xff, 0xff, 0xff));
  });

  it("refuses blocks over 1 MiB with their header alone", () => {
    throwsAt("message-too-long", header(MAX_MESSAGE_LENGTH_BYTES + 10, 7));
  });

  for (const [name, id, right] of [
    ["have", 4, 5],
    ["request", 6, 13],
    ["cancel", 8, 13],
    ["reject", 16, 13],
  ] as const) {
    it(`refuses a \`${name}\` that is longer or shorter than ${right}`, () => {
      for (const length of [1, right - 1, right + 1, 1000]) {
        const bytes = new Uint8Array(4 + length);
        bytes.set(header(length, id));
        throwsAt("bad-length", bytes);
      }
    });
  }

  it("refuses a `piece` without room for its piece and begin", () => {
    for (let length = 1; length < 9; length++) throwsAt("bad-length", header(length, 7));
  });

  it("keeps memory for what has come, not for what was announced", () => {
    // A thousand liars announce 1 MiB each and send little of it.
    const liar = new Uint8Array(1000);
    liar.set(header(MAX_MESSAGE_LENGTH_BYTES, 20));
    const readers = Array.from({ length: 1000 }, () => createMessageReader(createRecorder()));
    const before = process.memoryUsage().arrayBuffers;
    for (const reader of readers) reader.push(liar, 0, liar.length);
    const held = process.memoryUsage().arrayBuffers - before;
    assert.ok(held < 10_000_000, `${held} bytes are held`);
    assert.equal(readers.length, 1000);
  });

  it("reads on behind a long message that was cut", () => {
    const long = new Uint8Array(4 + 1_000_000);
    long.set(header(1_000_000, 20));
    const said = readCut(Buffer.concat([long, encodeHave(1)]), [500_000, 1_000_006]);
    assert.deepEqual(said[1], ["have", 1]);
  });

  it("throws what a handler throws", () => {
    const reader = createMessageReader({
      ...createRecorder(),
      onHave() {
        throw new RangeError("no such piece");
      },
    });
    assert.throws(() => reader.push(encodeHave(1), 0, 9), RangeError);
  });
});

testDecoder({
  name: "createMessageReader",
  decode: (bytes) => {
    const half = bytes.length >> 1;
    const reader = createMessageReader({
      onKeepAlive: () => {},
      onHave: () => {},
      onRequest: () => {},
      onCancel: () => {},
      onReject: () => {},
      onBlockStart: () => {},
      onBlockPart: () => {},
      onBlockEnd: () => {},
      onMessage: () => {},
    });
    reader.push(bytes, 0, half);
    reader.push(bytes, half, bytes.length);
    return null;
  },
  corpus: [
    Buffer.concat([encodeHave(1), encodeRequest(1, 2, 3), pieceMessage(1, 2, new Uint8Array(40))]),
    Buffer.concat([encodeKeepAlive(), encodeExtended(1, new Uint8Array(90)), encodeChoke()]),
  ],
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMessageReader } from "@shoal/protocol";
import { createPiecePicker, type PiecePicker } from "../picker/piece-picker.ts";
import { createSeededRandom } from "../picker/test-random.ts";
import { sampleTorrent } from "../simulation/swarm-world.ts";
import { createGeometry, type Geometry } from "../storage/geometry.ts";
import { Requester } from "./requester.ts";

const KIB = 1024;
const BLOCK = 16 * KIB;

interface Asked {
  readonly piece: number;
  readonly block: number;
}

function createSwarm(pieces = 8): { picker: PiecePicker; geometry: Geometry } {
  const { metainfo } = sampleTorrent({
    version: "v1",
    pieceLengthBytes: 64 * KIB,
    fileLengths: [pieces * 64 * KIB - 100],
  });
  const geometry = createGeometry(metainfo);
  const picker = createPiecePicker({
    pieceCount: geometry.pieceCount,
    blocksInPiece: (piece) => geometry.blocksIn(piece),
    random: createSeededRandom(1),
  });
  return { picker, geometry };
}

function join({ picker, geometry }: ReturnType<typeof createSwarm>) {
  const asked: Asked[] = [];
  const cancelled: Asked[] = [];
  const expected: boolean[] = [];
  const note = (into: Asked[]) => (piece: number, begin: number, lengthBytes: number) => {
    assert.equal(lengthBytes, geometry.blockLength(piece, begin / BLOCK));
    into.push({ piece, block: begin / BLOCK });
  };
  const fail = (): never => assert.fail("neither a request nor a cancel");
  const reader = createMessageReader({
    onKeepAlive: fail,
    onHave: fail,
    onRequest: note(asked),
    onCancel: note(cancelled),
    onReject: fail,
    onBlockStart: fail,
    onBlockPart: fail,
    onBlockEnd: fail,
    onMessage: fail,
  });
  const peer = {
    downloadRate: 0,
    isLate: (nowMs: number, otherMs: number): boolean => requester.isLate(nowMs, otherMs),
    send: (bytes: Uint8Array) => reader.push(bytes, 0, bytes.length),
    expectPayload: (isExpected: boolean) => void expected.push(isExpected),
  };
  picker.addPeer(peer, "all");
  const requester: Requester = new Requester(peer, picker, geometry);
  return {
    peer,
    requester,
    asked,
    cancelled,
    expected,
    fill: (nowMs: number, credit = Infinity): void => {
      requester.fill(nowMs, credit, {});
    },
    /** The block arrives: told to both, as a peer does. @returns who else is to be told. */
    deliver: ({ piece, block }: Asked, nowMs: number): readonly object[] => {
      const lengthBytes = geometry.blockLength(piece, block);
      requester.received(piece, block, lengthBytes, nowMs);
      return picker.received(peer, piece, block).cancel;
    },
  };
}

describe("the requester", () => {
  it("asks for as many blocks as the window has, in one write, each once", () => {
    const { fill, asked, requester, expected } = join(createSwarm());
    fill(0);
    assert.equal(asked.length, 16);
    assert.equal(new Set(asked.map(({ piece, block }) => piece * 4 + block)).size, 16);
    assert.equal(requester.outstanding, 16);
    assert.deepEqual(expected, [true]);
    fill(0);
    assert.equal(asked.length, 16);
  });

  it("asks for whole blocks within its credit", () => {
    const { fill, asked, requester } = join(createSwarm());
    fill(0, 3 * BLOCK - 1);
    assert.equal(asked.length, 2);
    assert.equal(requester.outstandingBytes, 2 * BLOCK);
    fill(0, BLOCK - 1);
    fill(0, 0);
    fill(0, -Infinity);
    assert.equal(asked.length, 2);
  });

  it("counts outstanding bytes exactly, the torrent's short last block too", () => {
    const { fill, asked, deliver, requester } = join(createSwarm(1));
    fill(0);
    assert.equal(requester.outstandingBytes, 64 * KIB - 100);
    for (const block of asked) deliver(block, 10);
    assert.equal(requester.outstandingBytes, 0);
    assert.equal(requester.outstanding, 0);
  });

  it("waits until there is room for a quarter of the window, and asks for it in one go", () => {
    const { fill, asked, deliver, requester } = join(createSwarm());
    requester.window.setMost(16);
    fill(0);
    for (const block of asked.slice(0, 3)) deliver(block, 10);
    fill(10);
    assert.equal(asked.length, 16);
    deliver(asked[3]!, 10);
    fill(10);
    assert.equal(asked.length, 20);
  });

  it("a rejected block may be asked of others", () => {
    const swarm = createSwarm(1);
    const [first, second] = [join(swarm), join(swarm)];
    first.fill(0);
    first.requester.rejected(0, 2);
    assert.equal(first.requester.outstanding, 3);
    second.requester.window.setMost(1);
    second.fill(0);
    assert.deepEqual(second.asked, [{ piece: 0, block: 2 }]);
  });

  it("a peer that rejects most of what it is asked for is left alone, ever longer", () => {
    const { fill, asked, requester } = join(createSwarm());
    const times: number[] = [];
    for (let nowMs = 0; nowMs < 200_000; nowMs += 500) {
      const before = asked.length;
      fill(nowMs);
      for (const { piece, block } of asked.slice(before)) requester.refused(piece, block, nowMs);
      if (asked.length > before && before >= 32) times.push(nowMs);
    }
    const pauses = times.map((ms, index) => ms - (times[index - 1] ?? 500));
    assert.deepEqual(pauses.slice(0, 8), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    assert.equal(asked.length, 32 + times.length);
    assert.equal(requester.blockMs, Infinity);
  });

  it("blocks make up for rejects: who lacks a few is asked as before", () => {
    const { fill, asked, deliver, requester } = join(createSwarm(64));
    for (let nowMs = 0; nowMs < 3000; nowMs += 100) {
      const before = asked.length;
      fill(nowMs);
      for (const [index, each] of asked.slice(before).entries()) {
        if (index % 3 === 0) requester.refused(each.piece, each.block, nowMs);
        else deliver(each, nowMs + 50);
      }
      assert.ok(asked.length > before || asked.length > 200, `nothing is asked at ${nowMs}`);
    }
  });

  it("a block ends the back-off", () => {
    const { fill, asked, deliver, requester } = join(createSwarm());
    fill(0);
    for (const { piece, block } of asked.slice(0, 16)) requester.refused(piece, block, 0);
    fill(0);
    for (const { piece, block } of asked.slice(16)) requester.refused(piece, block, 0);
    fill(500);
    assert.equal(asked.length, 32);
    fill(1000);
    assert.equal(asked.length, 33);
    deliver(asked[32]!, 1100);
    fill(1100);
    assert.ok(asked.length > 33);
  });

  it("rejects of what was not asked for, or does not exist, change nothing", () => {
    const { fill, requester } = join(createSwarm());
    fill(0);
    const { outstanding, outstandingBytes } = requester;
    for (const [piece, block] of [
      [0, 4],
      [0, 0.5],
      [6, 4],
      [8, 0],
      [0xffff_ffff, 0],
      [0, 0xffff_ffff / BLOCK],
    ] as const) {
      requester.rejected(piece, block);
    }
    assert.deepEqual(
      [requester.outstanding, requester.outstandingBytes],
      [outstanding, outstandingBytes],
    );
  });

  it("a choke without the fast extension voids everything", () => {
    const swarm = createSwarm(1);
    const [first, second] = [join(swarm), join(swarm)];
    first.fill(0);
    first.requester.abortAll();
    assert.equal(first.requester.outstanding, 0);
    assert.equal(first.requester.outstandingBytes, 0);
    assert.equal(first.expected.at(-1), false);
    second.fill(0);
    assert.equal(second.asked.length, 4);
  });

  it("end game: what a mute peer holds is asked of a second, and cancelled when one delivers", () => {
    const swarm = createSwarm(1);
    const [mute, quick] = [join(swarm), join(swarm)];
    mute.fill(0);
    quick.fill(900);
    assert.equal(quick.asked.length, 0);
    quick.fill(901);
    assert.equal(quick.asked.length, 4);
    const others = quick.deliver(quick.asked[0]!, 910);
    assert.deepEqual(others, [mute.peer]);
    mute.requester.cancel(0, quick.asked[0]!.block);
    assert.deepEqual(mute.cancelled, [quick.asked[0]]);
    assert.equal(mute.requester.outstanding, 3);
    mute.requester.cancel(0, quick.asked[0]!.block);
    assert.equal(mute.cancelled.length, 1);
  });

  it("end game: nothing is asked twice while its first peer brings it as soon as another could", () => {
    const swarm = createSwarm(2);
    const [first, second] = [join(swarm), join(swarm)];
    first.fill(0);
    first.deliver(first.asked[0]!, 100);
    first.peer.downloadRate = 1e6;
    second.fill(200);
    assert.equal(second.asked.length, 0);
  });

  it("end game: an idle peer is asked for the last blocks of one that is much slower", () => {
    const swarm = createSwarm(2);
    const [slow, quick] = [join(swarm), join(swarm)];
    slow.fill(0);
    slow.deliver(slow.asked[0]!, 100);
    slow.peer.downloadRate = 20_000;
    quick.fill(200);
    assert.deepEqual(quick.asked[0], slow.asked.at(-1));
    assert.equal(quick.asked.length, 7);
  });

  it("end game: a peer that still awaits blocks is asked for nothing twice", () => {
    const swarm = createSwarm(2);
    const [slow, quick] = [join(swarm), join(swarm)];
    slow.fill(0, 7 * BLOCK);
    quick.fill(4900);
    quick.fill(4950);
    assert.equal(quick.asked.length, 1);
    quick.deliver(quick.asked[0]!, 5000);
    quick.fill(5000);
    assert.equal(quick.asked.length, 8);
  });

  it("snubbing: 60 s without a first block, then others may have what it held", () => {
    const swarm = createSwarm(2);
    const [mute, other] = [join(swarm), join(swarm)];
    mute.fill(0);
    assert.equal(mute.requester.checkSnub(59_999), false);
    assert.equal(mute.requester.checkSnub(60_000), true);
    assert.ok(mute.requester.isSnubbed);
    assert.equal(mute.requester.checkSnub(61_000), false);
    assert.equal(mute.requester.outstanding, 0);
    assert.equal(mute.requester.window.target, 1);
    other.fill(60_000);
    assert.equal(other.asked.length, 8);
  });

  it("snubbing: 20 s after the last block; a late one is welcome and ends it", () => {
    const { fill, asked, deliver, requester } = join(createSwarm());
    fill(0);
    deliver(asked[0]!, 5000);
    assert.equal(requester.checkSnub(24_999), false);
    assert.equal(requester.checkSnub(25_000), true);
    deliver(asked[1]!, 30_000);
    assert.equal(requester.isSnubbed, false);
  });

  it("nothing outstanding is no snubbing, however long it lasts", () => {
    const { requester } = join(createSwarm());
    assert.equal(requester.checkSnub(1e9), false);
  });

  it("unasked blocks do not put off the snubbing of a peer that answers nothing", () => {
    const { fill, requester } = join(createSwarm());
    requester.window.setMost(4);
    fill(0);
    for (let nowMs = 10_000; nowMs <= 60_000; nowMs += 10_000) {
      requester.received(7, 0, BLOCK, nowMs);
    }
    assert.equal(requester.checkSnub(60_000), true);
  });
});

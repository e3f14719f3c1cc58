import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld } from "@shoal/runtime/sim";
import fc from "fast-check";
import { type ChainJournal, openChainJournal } from "./chain-journal.ts";
import { type ChainRecord, decodeRecord, encodeRecord } from "./chain-records.ts";
import { encodeFrame, FRAME_HEADER_BYTES, readFrame } from "./journal-frame.ts";

const PATH = "/chain/chain.journal";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const transactions = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
const record: fc.Arbitrary<ChainRecord> = fc.oneof(
  transactions.map((list) => ({ kind: "waiting" as const, transactions: list })),
  fc
    .tuple(fc.nat(2 ** 31), hash, hash, transactions)
    .map(([timestampS, mixHash, blockHash, list]) => ({
      kind: "block" as const,
      block: { timestampS, mixHash, hash: blockHash, transactions: list },
    })),
);

/** Buffers and arrays of the same bytes are the same. */
const plain = (value: ChainRecord) =>
  JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Uint8Array || (part as { type?: string } | null)?.type === "Buffer"
      ? Buffer.from((part as { data?: number[] }).data ?? (part as Uint8Array)).toString("hex")
      : part,
  );

test("records and frames come back as they were written", () => {
  fc.assert(
    fc.property(record, (written) => {
      const frame = Buffer.from(encodeFrame(encodeRecord(written)));
      const reading = readFrame(frame, 0);
      assert.equal(reading.kind, "frame");
      if (reading.kind !== "frame") return;
      assert.equal(reading.lengthBytes, frame.length);
      assert.equal(plain(decodeRecord(reading.payload)), plain(written));
    }),
  );
});

test("a frame with any byte changed, or cut anywhere, is not read as one", () => {
  fc.assert(
    fc.property(record, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, place, flip) => {
      const frame = Buffer.from(encodeFrame(encodeRecord(written)));
      const at = place % frame.length;
      assert.notEqual(readFrame(frame.subarray(0, at), 0).kind, "frame");
      frame[at]! ^= flip;
      assert.notEqual(readFrame(frame, 0).kind, "frame");
    }),
  );
});

test("a record that cannot be read is refused, whatever it is", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeRecord(bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "bad-journal");
      }
    }),
  );
});

const waiting = (seed: number, lengthBytes: number): ChainRecord => ({
  kind: "waiting",
  transactions: [new Uint8Array(lengthBytes).fill(seed)],
});

interface AppendLog {
  readonly written: ChainRecord[];
  acknowledged: number;
}

async function appendForEver(journal: ChainJournal, seed: number, log: AppendLog): Promise<void> {
  for (let n = 0; ; n++) {
    const next = waiting(n, 50 + ((seed * 37 + n * 1931) % 20_000));
    log.written.push(next);
    await journal.append(next);
    log.acknowledged++;
  }
}

test("whatever a power cut leaves of the last append, all acknowledged records are read, and it goes on", async () => {
  for (let seed = 0; seed < 80; seed++) {
    const world = createWorld({ seed });
    let host = world.host({ address: "10.0.0.1", diskSeekMs: 4, diskBytesPerSecond: 5_000_000 });
    const log: AppendLog = { written: [], acknowledged: 0 };
    for (let run = 0; run < 3; run++) {
      const read: ChainRecord[] = [];
      const journal = await world.complete(
        openChainJournal(host.disk, PATH, async (found) => void read.push(found.record)),
      );
      assert.ok(read.length >= log.acknowledged, `seed ${seed}: ${read.length}`);
      log.written.length = read.length;
      log.acknowledged = read.length;
      assert.deepEqual(read.map(plain), log.written.map(plain), `seed ${seed}`);
      void appendForEver(journal, seed, log);
      await world.run({ untilMs: world.timeMs + 10 + ((seed * 7) % 60) });
      host.crash(run === 1 ? "process" : "power");
      host = world.restart(host);
    }
    await world.complete(host.close());
  }
});

test("damage in front of whole records is told with its place, and nothing is cut off", async () => {
  const world = createWorld({ seed: 1 });
  const host = world.host({ address: "10.0.0.1" });
  const frames = [1, 2, 3].map((seed) => encodeFrame(encodeRecord(waiting(seed, 5_000))));
  const whole = Buffer.concat(frames);
  const second = frames[0]!.length;
  const open = () => world.complete(openChainJournal(host.disk, PATH, async () => {}));
  for (const at of [second, second + 5, second + FRAME_HEADER_BYTES + 100]) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1;
    host.files.write(PATH, damaged);
    await assert.rejects(open(), {
      name: "ChainError",
      code: "bad-journal",
      message: new RegExp(`damaged from byte ${second} to ${2 * second}.*backup`),
    });
    assert.deepEqual(host.files.read(PATH), new Uint8Array(damaged));
  }
  // At the very end it is an append that was cut off.
  const torn = Buffer.concat([whole.subarray(0, -1), Buffer.alloc(300)]);
  host.files.write(PATH, torn);
  const journal = await open();
  assert.equal(journal.lengthBytes, 2 * second);
  assert.equal(journal.tornBytes, torn.length - 2 * second);
  await world.complete(journal.close());
});

import assert from "node:assert/strict";
import { createHash, randomInt } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MseError, ProtocolError } from "../errors.ts";
import { fuzzDecoder } from "../fuzz/fuzz-decoder.ts";
import { encodeHandshake, looksLikeHandshake } from "../peer-wire/handshake.ts";
import {
  createMseCiphers,
  maskInfoHash,
  obfuscatedInfoHash,
  syncHash,
} from "./handshake-hashes.ts";
import { createMseKeyPair } from "./key-exchange.ts";
import type { MseCrypto, MseHandshake, MseResult } from "./mse-handshake.ts";
import { createMseInitiator } from "./mse-initiator.ts";
import { createMseResponder } from "./mse-responder.ts";

const infoHash = new Uint8Array(20).fill(0xab);
const PLAIN: MseCrypto[] = ["plaintext"];
const RC4: MseCrypto[] = ["rc4"];

/** Bytes that follow from a seed; `padding` fixes the length of every padding. */
function createRandomBytes(seed: number, padding?: number): (lengthBytes: number) => Uint8Array {
  let drawn = 0;
  return (lengthBytes) => {
    if (lengthBytes === 2 && padding !== undefined) return Uint8Array.of(padding >>> 8, padding);
    const blocks = Array.from({ length: Math.ceil(lengthBytes / 32) }, () =>
      createHash("sha256").update(`${seed}:${drawn++}`).digest(),
    );
    return Buffer.concat(blocks).subarray(0, lengthBytes);
  };
}

function findInfoHash(obfuscated: Uint8Array): Uint8Array | null {
  return Buffer.compare(obfuscated, obfuscatedInfoHash(infoHash)) === 0 ? infoHash : null;
}

/**
 * Feeds bytes in parts of the given lengths, the last of which is used again and again. What is
 * left when the handshake is done goes into the result's remainder.
 */
function feed(
  side: MseHandshake,
  bytes: Uint8Array,
  cuts: readonly number[],
): { send: Buffer; result: MseResult | null } {
  const sent: Uint8Array[] = [];
  let at = 0;
  for (let part = 0; at < bytes.length; part++) {
    const length = cuts[Math.min(part, cuts.length - 1)] ?? bytes.length;
    const { send, result } = side.receive(bytes.subarray(at, at + length));
    sent.push(send);
    at += length;
    if (result !== null) {
      const rest = Buffer.from(bytes.subarray(at));
      result.decrypt(rest);
      const remainder = Buffer.concat([result.remainder, rest]);
      return { send: Buffer.concat(sent), result: { ...result, remainder } };
    }
  }
  return { send: Buffer.concat(sent), result: null };
}

interface Run {
  readonly offer: readonly MseCrypto[];
  readonly accept: readonly MseCrypto[];
  readonly seed: number;
  readonly cuts: readonly number[];
  readonly initialPayload: Uint8Array;
}

/** Carries a whole handshake out; each side then sends the other a text. */
function connect(run: Run): { initiator: MseResult; responder: MseResult } {
  const { offer, accept, seed, cuts, initialPayload } = run;
  const a = createMseInitiator({
    infoHash,
    offer,
    initialPayload,
    randomBytes: createRandomBytes(seed),
  });
  const b = createMseResponder({ findInfoHash, accept, randomBytes: createRandomBytes(seed + 1) });
  assert.equal(b.opening.length, 0);
  assert.equal(looksLikeHandshake(a.opening), false);
  const first = feed(b, a.opening, cuts);
  const second = feed(a, first.send, cuts);
  assert.equal(second.result, null);
  const third = feed(b, second.send, cuts);
  assert.ok(third.result !== null);
  const greeting = Buffer.from("from the responder");
  third.result.encrypt(greeting);
  const fourth = feed(a, Buffer.concat([third.send, greeting]), cuts);
  assert.ok(fourth.result !== null);
  return { initiator: fourth.result, responder: third.result };
}

function failsWith(code: MseError["code"]): (error: unknown) => boolean {
  return (error) => error instanceof MseError && error.code === code;
}

describe("MSE handshake", () => {
  const policy = fc.constantFrom<MseCrypto[]>(
    PLAIN,
    RC4,
    ["rc4", "plaintext"],
    ["plaintext", "rc4"],
  );
  const run = fc.record({
    offer: policy,
    accept: policy,
    seed: fc.nat(),
    cuts: fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 6 }),
    initialPayload: fc.uint8Array({ maxLength: 300 }),
  });

  it("brings both sides together, for every policy and however the bytes are cut", () => {
    fc.assert(
      fc.property(run, (options) => {
        const chosen = options.accept.find((crypto) => options.offer.includes(crypto));
        if (chosen === undefined) {
          assert.throws(() => connect(options), failsWith("no-common-crypto"));
          return;
        }
        const { initiator, responder } = connect(options);
        assert.equal(initiator.crypto, chosen);
        assert.equal(responder.crypto, chosen);
        assert.deepEqual(responder.infoHash, infoHash);
        assert.deepEqual(initiator.infoHash, infoHash);
        assert.deepEqual(new Uint8Array(responder.initialPayload), options.initialPayload);
        assert.equal(initiator.initialPayload.length, 0);
        assert.equal(Buffer.from(initiator.remainder).toString(), "from the responder");
        const text = Buffer.from("from the initiator");
        initiator.encrypt(text);
        assert.equal(text.toString() === "from the initiator", chosen === "plaintext");
        responder.decrypt(text);
        assert.equal(text.toString(), "from the initiator");
      }),
      { numRuns: 150 },
    );
  });

  it("works a byte at a time with the longest paddings and the longest payload", () => {
    const initialPayload = new Uint8Array(65535).fill(7);
    const a = createMseInitiator({
      infoHash,
      offer: RC4,
      initialPayload,
      randomBytes: createRandomBytes(1, 512),
    });
    const b = createMseResponder({
      findInfoHash,
      accept: RC4,
      randomBytes: createRandomBytes(2, 512),
    });
    assert.equal(a.opening.length, 96 + 512);
    const second = feed(a, feed(b, a.opening, [1]).send, [1]);
    const third = feed(b, second.send, [1]);
    assert.deepEqual(new Uint8Array(third.result!.initialPayload), initialPayload);
    assert.equal(feed(a, third.send, [1]).result?.crypto, "rc4");
  });

  it("takes the responder's most wanted crypto of those offered", () => {
    const both: MseCrypto[] = ["plaintext", "rc4"];
    const base = { seed: 3, cuts: [], initialPayload: new Uint8Array(0), offer: both };
    assert.equal(connect({ ...base, accept: ["rc4", "plaintext"] }).initiator.crypto, "rc4");
    assert.equal(connect({ ...base, accept: ["plaintext", "rc4"] }).initiator.crypto, "plaintext");
  });

  it("says nothing until 96 bytes of key are there, and refuses bytes after its end", () => {
    const b = createMseResponder({ findInfoHash, accept: RC4, randomBytes: createRandomBytes(4) });
    assert.deepEqual(b.receive(new Uint8Array(95).fill(9)), {
      send: Buffer.alloc(0),
      result: null,
    });
    assert.ok(b.receive(Uint8Array.of(9)).send.length >= 96);
    assert.throws(() => b.receive(new Uint8Array(600)), failsWith("no-sync"));
    assert.throws(() => b.receive(new Uint8Array(1)), TypeError);
  });
});

describe("MSE responder", () => {
  const seed = 11;

  function startResponder(): { responder: MseHandshake; secret: Uint8Array } {
    const keys = createMseKeyPair(new Uint8Array(20).fill(5));
    const responder = createMseResponder({
      findInfoHash,
      accept: RC4,
      randomBytes: createRandomBytes(seed),
    });
    const { send } = responder.receive(keys.publicKey);
    return { responder, secret: keys.computeSecret(send.subarray(0, 96)) };
  }

  it("refuses a public key that gives the secret away", () => {
    const responder = createMseResponder({
      findInfoHash,
      accept: RC4,
      randomBytes: createRandomBytes(seed),
    });
    assert.throws(() => responder.receive(new Uint8Array(96)), failsWith("bad-public-key"));
  });

  it("gives up when the sync hash is not there after 512 bytes of padding", () => {
    const { responder, secret } = startResponder();
    assert.equal(responder.receive(new Uint8Array(512)).result, null);
    assert.equal(responder.receive(syncHash(secret).subarray(0, 19)).result, null);
    assert.throws(() => responder.receive(Uint8Array.of(0)), failsWith("no-sync"));
  });

  it("takes a sync hash that ends at the last byte it may", () => {
    const { responder, secret } = startResponder();
    responder.receive(new Uint8Array(512));
    assert.equal(responder.receive(syncHash(secret)).result, null);
  });

  it("refuses an infohash that no torrent has", () => {
    const { responder, secret } = startResponder();
    const unknown = maskInfoHash(obfuscatedInfoHash(new Uint8Array(20)), secret);
    assert.throws(
      () => responder.receive(Buffer.concat([syncHash(secret), unknown])),
      failsWith("unknown-torrent"),
    );
  });

  it("refuses a wrong check, padding of over 512 bytes, and crypto that it does not accept", () => {
    const third = (plain: Uint8Array): void => {
      const { responder, secret } = startResponder();
      const enciphered = Buffer.from(plain);
      createMseCiphers(secret, infoHash).fromInitiator(enciphered);
      responder.receive(
        Buffer.concat([
          syncHash(secret),
          maskInfoHash(obfuscatedInfoHash(infoHash), secret),
          enciphered,
        ]),
      );
    };
    const check = "00".repeat(8);
    const message = (hex: string): Buffer => Buffer.from(hex, "hex");
    third(message(`${check}0000000300000000`));
    assert.throws(() => third(message("0000000000000001")), failsWith("bad-check"));
    assert.throws(() => third(message(`${check}000000020201`)), failsWith("bad-length"));
    assert.throws(() => third(message(`${check}00000001`)), failsWith("no-common-crypto"));
    assert.throws(() => third(message(`${check}00000000`)), failsWith("no-common-crypto"));
    third(message(`${check}fffffffe0000`));
  });

  it("returns or throws an MseError, whatever the bytes", () => {
    const responder = (): MseHandshake =>
      createMseResponder({ findInfoHash, accept: RC4, randomBytes: createRandomBytes(seed) });
    const initiator = createMseInitiator({
      infoHash,
      offer: RC4,
      randomBytes: createRandomBytes(1, 30),
      initialPayload: encodeHandshake({ infoHash, peerId: infoHash }),
    });
    const answer = responder().receive(initiator.opening).send;
    const transcript = Buffer.concat([initiator.opening, initiator.receive(answer).send]);
    assert.ok(responder().receive(transcript).result !== null);
    fuzzDecoder(
      {
        name: "MSE responder",
        decode: (bytes) => responder().receive(bytes),
        corpus: [transcript],
      },
      randomInt(1, 2 ** 31),
      500,
    );
  });
});

describe("MSE initiator", () => {
  function startInitiator(offer: readonly MseCrypto[]): {
    initiator: MseHandshake;
    answer: (plain: string) => MseResult | null;
  } {
    const initiator = createMseInitiator({ infoHash, offer, randomBytes: createRandomBytes(21) });
    const keys = createMseKeyPair(new Uint8Array(20).fill(6));
    const { fromResponder } = createMseCiphers(
      keys.computeSecret(initiator.opening.subarray(0, 96)),
      infoHash,
    );
    initiator.receive(keys.publicKey);
    return {
      initiator,
      answer: (plain) => {
        const bytes = Buffer.from(plain, "hex");
        fromResponder(bytes);
        return initiator.receive(bytes).result;
      },
    };
  }

  const check = "00".repeat(8);

  it("refuses crypto that it did not offer, or more than one", () => {
    for (const selected of ["00000001", "00000003", "00000000", "80000002"]) {
      assert.throws(
        () => startInitiator(RC4).answer(`${check}${selected}0000`),
        failsWith("no-common-crypto"),
      );
    }
    assert.equal(startInitiator(RC4).answer(`${check}000000020000`)?.crypto, "rc4");
    assert.equal(startInitiator(PLAIN).answer(`${check}000000010000`)?.crypto, "plaintext");
  });

  it("refuses padding of over 512 bytes, announced or unannounced", () => {
    assert.throws(
      () => startInitiator(RC4).answer(`${check}000000020201`),
      failsWith("bad-length"),
    );
    const { initiator } = startInitiator(RC4);
    assert.equal(initiator.receive(new Uint8Array(512)).result, null);
    assert.throws(() => initiator.receive(new Uint8Array(8)), failsWith("no-sync"));
  });

  it("refuses an empty offer, a wrong infohash and a payload of over 65535 bytes", () => {
    const options = { infoHash, offer: RC4, randomBytes: createRandomBytes(1) };
    assert.throws(() => createMseInitiator({ ...options, offer: [] }), RangeError);
    assert.throws(
      () => createMseInitiator({ ...options, infoHash: new Uint8Array(32) }),
      RangeError,
    );
    assert.throws(
      () => createMseInitiator({ ...options, initialPayload: new Uint8Array(65536) }),
      RangeError,
    );
    assert.throws(
      () => createMseResponder({ findInfoHash, accept: [], randomBytes: createRandomBytes(1) }),
      RangeError,
    );
  });

  it("returns or throws an MseError, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 800, size: "max" }), (bytes) => {
        const initiator = createMseInitiator({
          infoHash,
          offer: RC4,
          randomBytes: createRandomBytes(31),
        });
        try {
          initiator.receive(bytes);
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
        }
      }),
    );
  });
});

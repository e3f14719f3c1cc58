import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeHave,
  encodeInterested,
  encodeRequest,
  encodeUnchoke,
  writePieceHeader,
} from "@shoal/protocol";
import { createSlabPool } from "@shoal/runtime";
import { Connection, type ConnectionHandler, type StreamCipher } from "./connection.ts";
import { TestSocket } from "./test-socket.ts";

/** A cipher whose key is the place in the stream: bytes out of order come out wrong. */
function createPlaceCipher(): StreamCipher {
  const next = { encrypt: 0, decrypt: 0 };
  const apply = (bytes: Uint8Array, way: "encrypt" | "decrypt"): void => {
    for (let i = 0; i < bytes.length; i++) bytes[i]! ^= (next[way]++ * 7 + 3) & 255;
  };
  return {
    encrypt: (bytes) => apply(bytes, "encrypt"),
    decrypt: (bytes) => apply(bytes, "decrypt"),
  };
}

function setUp(handler: Partial<ConnectionHandler> = {}, start = true) {
  const pool = createSlabPool({ budgetBytes: 1 << 20 });
  const socket = new TestSocket();
  const heard: (string | number)[][] = [];
  const raw: Uint8Array[] = [];
  const closed: (Error | null)[] = [];
  const rawClosed: (Error | null)[] = [];
  const connection = new Connection(
    socket,
    pool,
    (bytes) => raw.push(bytes),
    (error) => rawClosed.push(error),
  );
  const hear =
    (name: string) =>
    (...numbers: number[]) =>
      void heard.push([name, ...numbers]);
  const whole: ConnectionHandler = {
    onKeepAlive: hear("keep-alive"),
    onHave: hear("have"),
    onRequest: hear("request"),
    onCancel: hear("cancel"),
    onReject: hear("reject"),
    onBlockStart: hear("block"),
    onBlockBytes: (_bytes, _from, lengthBytes) => void heard.push(["bytes", lengthBytes]),
    onBlockEnd: hear("end"),
    onMessage: (id) => void heard.push(["message", id]),
    onReadEnd: (payloadBytes) => void heard.push(["read", payloadBytes]),
    onClosed: (error) => void closed.push(error),
    ...handler,
  };
  if (start) connection.startMessages(whole, new Uint8Array(0));
  return { pool, socket, connection, heard, raw, closed, rawClosed, whole };
}

/** Lets the gathered messages of this turn leave. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const written = (socket: TestSocket): Buffer =>
  Buffer.concat(socket.writes.map(({ bytes }) => bytes));

describe("a peer connection", () => {
  it("gathers the small messages of one turn into one write", async () => {
    const { socket, connection } = setUp();
    const messages = [encodeInterested(), encodeUnchoke(), encodeHave(1), encodeRequest(1, 2, 3)];
    for (const message of messages) connection.send(message);
    assert.equal(socket.writes.length, 0);
    await turn();
    assert.equal(socket.writes.length, 1);
    assert.deepEqual(written(socket), Buffer.concat(messages));
    connection.send(encodeHave(2));
    await turn();
    assert.equal(socket.writes.length, 2);
  });

  it("copies small messages: their memory is the sender's again at once", async () => {
    const { socket, connection } = setUp();
    const message = encodeHave(7);
    connection.send(message);
    message.fill(0xff);
    await turn();
    assert.deepEqual(written(socket), Buffer.from(encodeHave(7)));
  });

  for (const isEncrypted of [false, true]) {
    const kind = isEncrypted ? "encrypted" : "plain";
    it(`${kind}: small messages, long ones and payload keep the order they were sent in`, async () => {
      const { socket, connection } = setUp();
      if (isEncrypted) connection.setCipher(createPlaceCipher());
      const payload = Buffer.alloc(20_000, 0xaa);
      const long = Buffer.alloc(9000, 0xbb);
      const sent: (Error | null)[] = [];
      connection.send(encodeHave(1));
      connection.sendPayload(Uint8Array.from(payload), (error) => sent.push(error));
      connection.send(encodeHave(2));
      connection.send(Uint8Array.from(long));
      for (let i = 0; i < 1000; i++) connection.send(encodeHave(i));
      await turn();
      const got = written(socket);
      if (isEncrypted) createPlaceCipher().decrypt(got);
      const haves = Array.from({ length: 1000 }, (_, i) => encodeHave(i));
      assert.equal(
        Buffer.compare(got, Buffer.concat([encodeHave(1), payload, encodeHave(2), long, ...haves])),
        0,
      );
      socket.drain();
      assert.deepEqual(sent, [null]);
    });
  }

  it("encrypted: a long message of the caller's is not changed", async () => {
    const { connection } = setUp();
    connection.setCipher(createPlaceCipher());
    const long = new Uint8Array(9000).fill(5);
    connection.send(long);
    assert.ok(long.every((byte) => byte === 5));
  });

  it("deciphers what arrives, wherever it is cut", () => {
    const { socket, connection, heard } = setUp();
    connection.setCipher(createPlaceCipher());
    const stream = Buffer.concat([encodeHave(1), encodeRequest(1, 2, 3), encodeHave(4)]);
    createPlaceCipher().encrypt(stream);
    socket.arrive(stream.subarray(0, 13));
    socket.arrive(stream.subarray(13));
    assert.deepEqual(heard, [
      ["have", 1],
      ["read", 0],
      ["request", 1, 2, 3],
      ["have", 4],
      ["read", 0],
    ]);
  });

  it("says at the end of each read how much of it was payload", () => {
    const { socket, heard } = setUp();
    const piece = new Uint8Array(113);
    writePieceHeader(piece, 0, 3, 0, 100);
    socket.arrive(piece.subarray(0, 53));
    socket.arrive(piece.subarray(53));
    assert.deepEqual(heard, [
      ["block", 3, 0, 100],
      ["bytes", 40],
      ["read", 40],
      ["bytes", 60],
      ["end"],
      ["read", 60],
    ]);
  });

  it("begins raw; what came behind the handshake is read as messages", () => {
    const { socket, connection, raw, heard, whole } = setUp({}, false);
    socket.arrive(Uint8Array.of(1, 2, 3));
    assert.deepEqual(raw, [Uint8Array.of(1, 2, 3)]);
    connection.startMessages(whole, encodeHave(9));
    assert.deepEqual(heard, [
      ["have", 9],
      ["read", 0],
    ]);
  });

  it("closes with what a handler throws, and calls nothing more", () => {
    const broken = new RangeError("broken");
    const { socket, heard, closed } = setUp({
      onHave() {
        throw broken;
      },
    });
    socket.arrive(Buffer.concat([encodeHave(1), encodeRequest(1, 2, 3)]));
    assert.ok(socket.isDestroyed);
    socket.close();
    assert.deepEqual(closed, [broken]);
    assert.deepEqual(heard, []);
  });

  it("sends nothing after it was closed, and answers payload all the same", async () => {
    const { socket, connection, closed } = setUp();
    connection.close(null);
    connection.send(encodeHave(1));
    connection.send(new Uint8Array(9000));
    await turn();
    assert.equal(socket.writes.length, 0);
    const sent: (Error | null)[] = [];
    connection.sendPayload(new Uint8Array(10), (error) => sent.push(error));
    socket.close();
    assert.equal(sent.length, 1);
    assert.deepEqual(closed, [null]);
  });

  it("what was said in the turn of its closing still leaves", () => {
    const { socket, connection } = setUp();
    connection.send(encodeHave(1));
    connection.close(null);
    assert.deepEqual(written(socket), Buffer.from(encodeHave(1)));
  });

  it("a close before messages began is told to the handshake", () => {
    const { socket, connection, rawClosed, closed } = setUp({}, false);
    const reason = new Error("no");
    connection.close(reason);
    socket.close();
    assert.deepEqual(rawClosed, [reason]);
    assert.deepEqual(closed, []);
  });

  it("a peer that takes nothing is cut when 8 MiB wait for it", async () => {
    const { socket, connection, closed } = setUp();
    for (let i = 0; i < 9 && !socket.isDestroyed; i++) connection.send(new Uint8Array(1 << 20));
    await turn();
    assert.ok(socket.isDestroyed);
    socket.close();
    assert.match(String(closed[0]), /more than it takes/);
  });
});

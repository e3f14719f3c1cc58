import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { encodeBencode } from "../bencode/encode-bencode.ts";
import { BencodeError, KrpcError } from "../errors.ts";
import { testDecoder } from "../fuzz/test-decoder.ts";
import { decodeKrpc } from "./decode-krpc.ts";
import { encodeKrpcFailure, encodeKrpcQuery, encodeKrpcResponse } from "./encode-krpc.ts";
import { isKrpcDatagram, type KrpcQuery, type KrpcRequest } from "./krpc-message.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const want = fc.constantFrom(
  null,
  { n4: true, n6: false },
  { n4: false, n6: true },
  { n4: true, n6: true },
);
const seq = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const token = fc.uint8Array({ maxLength: 64 });
const value = fc
  .uint8Array({ maxLength: 900 })
  .map((content) => Uint8Array.from(encodeBencode(content)));
const salt = fc.uint8Array({ maxLength: 64 });
const port = fc.integer({ min: 1, max: 65_535 });

const request: fc.Arbitrary<KrpcRequest> = fc.oneof(
  fc.record({ method: fc.constant("ping" as const) }),
  fc.record({ method: fc.constant("find_node" as const), target: bytes(20), want }),
  fc.record({ method: fc.constant("sample_infohashes" as const), target: bytes(20), want }),
  fc.record({
    method: fc.constant("get_peers" as const),
    infoHash: bytes(20),
    want,
    scrape: fc.boolean(),
  }),
  fc.record({
    method: fc.constant("announce_peer" as const),
    infoHash: bytes(20),
    port,
    impliedPort: fc.boolean(),
    token,
    isSeed: fc.boolean(),
  }),
  fc.record({
    method: fc.constant("get" as const),
    target: bytes(20),
    want,
    seq: fc.option(seq),
  }),
  fc.record({
    method: fc.constant("put" as const),
    token,
    value,
    mutable: fc.option(
      fc.record({
        publicKey: bytes(32),
        signature: bytes(64),
        seq,
        salt,
        cas: fc.option(seq),
      }),
    ),
  }),
);

const endpoint4 = fc.tuple(fc.ipV4(), port).map(([address, portOf]) => ({ address, port: portOf }));
const node4 = fc.tuple(bytes(20), endpoint4).map(([id, endpoint]) => ({ id, ...endpoint }));
const answer = fc.record({
  nodes4: fc.option(fc.array(node4, { maxLength: 8 })),
  nodes6: fc.constant([{ id: latin1("i".repeat(20)), address: "2001:db8::1", port: 6881 }]),
  peers: fc.option(fc.array(endpoint4, { maxLength: 100 })),
  token: fc.option(token),
  value: fc.option(value),
  publicKey: fc.option(bytes(32)),
  signature: fc.option(bytes(64)),
  seq: fc.option(seq),
  seedFilter: fc.option(bytes(256)),
  peerFilter: fc.option(bytes(256)),
  samples: fc.option(fc.array(bytes(20), { maxLength: 75 })),
  sampleCount: fc.option(fc.nat()),
  sampleIntervalS: fc.option(fc.nat(21_600)),
});

const to = { address: "192.0.2.7", port: 6881 };
const id = latin1("abcdefghij0123456789");

/** Results hold views; compared by what is in them. */
function plain(message: unknown): unknown {
  return JSON.parse(
    JSON.stringify(message, (_key, inner: unknown) => {
      if (typeof inner === "bigint") return `${inner}n`;
      return inner instanceof Uint8Array ? Buffer.from(inner).toString("hex") : inner;
    }),
  );
}

function decodeText(text: string) {
  return decodeKrpc(latin1(text));
}

suite("KRPC", () => {
  test("BEP 5: the specification's messages", () => {
    const ping = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
    const query = { transactionId: latin1("aa"), id, isReadOnly: false };
    assert.equal(
      Buffer.from(encodeKrpcQuery({ ...query, request: { method: "ping" } })).toString("latin1"),
      ping,
    );
    const getPeers =
      "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe";
    assert.deepEqual(plain(decodeText(getPeers)), {
      ...(plain(query) as object),
      kind: "query",
      request: {
        method: "get_peers",
        infoHash: Buffer.from("mnopqrstuvwxyz123456").toString("hex"),
        want: null,
        scrape: false,
      },
    });
    const answer = decodeText(
      "d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re",
    );
    assert.equal(answer.kind, "response");
    assert.deepEqual(answer.kind === "response" && answer.answer.peers, [
      { address: "97.120.106.101", port: 11_893 },
      { address: "105.100.104.116", port: 28_269 },
    ]);
    assert.deepEqual(plain(decodeText("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee")), {
      kind: "error",
      transactionId: "6161",
      errorCode: 201,
      message: "A Generic Error Ocurred",
    });
  });

  test("every query comes back as it went", () => {
    fc.assert(
      fc.property(request, bytes(4), fc.boolean(), (asked, transactionId, isReadOnly) => {
        const query: KrpcQuery = { kind: "query", transactionId, id, isReadOnly, request: asked };
        const decoded = decodeKrpc(Uint8Array.from(encodeKrpcQuery(query, latin1("SH01"))));
        assert.deepEqual(plain(decoded), plain(query));
      }),
    );
  });

  test("every answer comes back as it went, with its asker's endpoint", () => {
    fc.assert(
      fc.property(answer, bytes(2), (given, transactionId) => {
        const encoded = encodeKrpcResponse({ transactionId, id, answer: given, to });
        const expected = { kind: "response", transactionId, id, externalEndpoint: to };
        assert.deepEqual(plain(decodeKrpc(encoded)), plain({ ...expected, answer: given }));
      }),
    );
  });

  test("errors come back without what steers a terminal", () => {
    const message = "\u001b[31mno";
    const encoded = encodeKrpcFailure({ transactionId: id, errorCode: 203, message, to });
    const decoded = decodeKrpc(encoded);
    assert.equal(decoded.kind === "error" && decoded.message, "[31mno");
  });

  test("BEP 44: a value keeps its bytes, though its keys are out of order", () => {
    const value = "d1:bi1e1:ai2ee";
    const decoded = decodeText(
      `d1:ad2:id20:abcdefghij01234567895:token2:xx1:v${value}e1:q3:put1:t2:aa1:y1:qe`,
    );
    assert.ok(decoded.kind === "query" && decoded.request.method === "put");
    assert.equal(Buffer.from(decoded.request.value).toString("latin1"), value);
    const again = Buffer.from(encodeKrpcQuery(decoded)).toString("latin1");
    assert.ok(again.includes(value));
  });

  test("a broken query names its transaction, so that it can be answered", () => {
    const cases = [
      ["d1:ad2:id20:abcdefghij0123456789e1:q9:get_peers1:t2:aa1:y1:qe", "bad-field"],
      ["d1:ad2:id20:abcdefghij0123456789e1:q4:what1:t2:aa1:y1:qe", "unknown-method"],
      ["d1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe", "bad-field"],
      [
        "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234564:porti0e5:token1:xe1:q13:announce_peer1:t2:aa1:y1:qe",
        "bad-field",
      ],
    ] as const;
    for (const [text, code] of cases) {
      assert.throws(
        () => decodeText(text),
        (error) => {
          assert.ok(error instanceof KrpcError);
          assert.equal(error.code, code);
          assert.deepEqual(plain(error.transactionId), "6161");
          return true;
        },
      );
    }
  });

  test("what is no message names no transaction", () => {
    const texts = [
      "de",
      "i1e",
      "d1:t2:aa1:y1:xe",
      `d1:t33:${"t".repeat(33)}1:y1:qe`,
      "d1:rd2:id3:abce1:t2:aa1:y1:re",
      "d1:ele1:t2:aa1:y1:ee",
    ];
    for (const text of texts) {
      assert.throws(
        () => decodeText(text),
        (error) => error instanceof KrpcError && error.transactionId === null,
        text,
      );
    }
  });

  test("bencode nests 10 levels and holds 500 values at most", () => {
    const deep = `d1:x${"l".repeat(10)}${"e".repeat(10)}1:t2:aa1:y1:qe`;
    assert.throws(() => decodeText(deep), { code: "too-deep" });
    const wide = `d1:xl${"i0e".repeat(500)}e1:t2:aa1:y1:qe`;
    assert.throws(() => decodeText(wide), { code: "too-many-tokens" });
    assert.throws(() => decodeText("d1:x"), BencodeError);
  });

  test("sequence numbers beyond 63 bits are refused", () => {
    const put = (seqText: string) =>
      `d1:ad2:id20:abcdefghij01234567891:k32:${"k".repeat(32)}3:seqi${seqText}e3:sig64:${"s".repeat(64)}5:token1:x1:vi1ee1:q3:put1:t2:aa1:y1:qe`;
    assert.equal(decodeText(put("9223372036854775807")).kind, "query");
    assert.throws(() => decodeText(put("9223372036854775808")), KrpcError);
    assert.throws(() => decodeText(put("-1")), KrpcError);
  });

  test("a datagram of the DHT is told from those of uTP and of trackers", () => {
    assert.ok(isKrpcDatagram(latin1("d1:t2:aa1:y1:qe")));
    // uTP's first byte is type and version 1; a tracker's answers start with an action of four bytes.
    for (const first of [0x01, 0x11, 0x21, 0x31, 0x41, 0x00]) {
      assert.ok(!isKrpcDatagram(Uint8Array.of(first, 0, 0, 0, 0x65)));
    }
    assert.ok(!isKrpcDatagram(new Uint8Array(0)));
  });
});

testDecoder({
  name: "decodeKrpc",
  decode: decodeKrpc,
  corpus: [
    "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe",
    "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234564:wantl2:n42:n6ee1:q9:get_peers1:t2:aa1:y1:qe",
    "d1:ad2:id20:abcdefghij01234567891:k32:kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk3:seqi4e3:sig64:ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss5:token1:x1:vi1ee1:q3:put1:t2:aa1:y1:qe",
    "d2:ip6:aaaapp1:rd2:id20:abcdefghij01234567895:nodes26:abcdefghij0123456789aaaapp5:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re",
    "d1:rd2:id20:abcdefghij01234567898:intervali9e3:numi2e7:samples20:abcdefghij01234567893:seqi4e1:v3:abce1:t2:aa1:y1:re",
    "d1:eli201e2:noe1:t2:aa1:y1:ee",
  ].map(latin1),
  tokens: ["4:want", "5:token", "1:v", "1:k32:", "3:seq", "5:nodes", "6:nodes6", "6:values"].map(
    latin1,
  ),
});

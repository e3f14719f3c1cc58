import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeBencode } from "../bencode/encode-bencode.ts";
import { canonicalIp } from "../endpoint/ip-address.ts";
import { PeerWireError } from "../errors.ts";
import { decodeDontHave, encodeDontHave } from "./dont-have.ts";
import { decodeExtensionHandshake, encodeExtensionHandshake } from "./extension-handshake.ts";
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  MAX_METADATA_LENGTH_BYTES,
  METADATA_PIECE_LENGTH_BYTES,
} from "./metadata-message.ts";
import { decodePex, encodePex, PEX_FLAG } from "./pex-message.ts";
import { decodeUploadOnly, encodeUploadOnly } from "./upload-only.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const latin1 = (value: Uint8Array): string => Buffer.from(value).toString("latin1");

function refused(decode: () => unknown): void {
  assert.throws(
    decode,
    (error) => error instanceof PeerWireError && error.code === "bad-extension-message",
  );
}

describe("extension handshake", () => {
  it("BEP 10: is the dictionary of the proposal", () => {
    const payload = encodeExtensionHandshake({
      extensions: { ut_metadata: 1, ut_pex: 2 },
      client: "µTorrent 1.2",
      listenPort: 6881,
      yourIp: "1.2.3.4",
    });
    assert.equal(
      latin1(payload),
      "d1:md11:ut_metadatai1e6:ut_pexi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.26:yourip4:\x01\x02\x03\x04e",
    );
  });

  it("comes back from the wire as it went", () => {
    const handshake = {
      client: "Shoal 0.1.0",
      listenPort: 51413,
      requestQueueLength: 2000,
      yourIp: "2001:db8::7",
      ipv4: "9.8.7.6",
      ipv6: "2001:db8::8",
      metadataLengthBytes: 31235,
      uploadOnly: true,
      prefersEncryption: false,
      completeAgoSeconds: 0,
    };
    const decoded = decodeExtensionHandshake(
      encodeExtensionHandshake({
        ...handshake,
        extensions: { ut_metadata: 1, lt_donthave: 0 },
        fields: { bt_pay: { v: 1 } },
      }),
    );
    const { extensions, fields, ...known } = decoded;
    assert.deepEqual(known, handshake);
    assert.deepEqual(
      [...extensions],
      [
        ["lt_donthave", 0],
        ["ut_metadata", 1],
      ],
    );
    assert.equal(fields.dictionary("bt_pay")?.integer("v"), 1);
  });

  it("says nothing of what it was not told", () => {
    const { extensions, fields, ...known } = decodeExtensionHandshake(bytes("de"));
    assert.equal(extensions.size, 0);
    assert.equal(fields.size, 0);
    assert.ok(Object.values(known).every((value) => value === undefined));
  });

  it("leaves out each field that makes no sense, and keeps the others", () => {
    const decoded = decodeExtensionHandshake(
      encodeBencode({
        m: { ut_pex: 1, big: 256, minus: -1, text: "1", ["long".repeat(17)]: 3 },
        p: 65536,
        reqq: 0,
        v: "Evil\u202e\u0000\u001b[31m client",
        yourip: new Uint8Array(5),
        ipv4: new Uint8Array(16),
        ipv6: 7,
        metadata_size: MAX_METADATA_LENGTH_BYTES + 1,
        upload_only: "yes",
        complete_ago: -1,
      }),
    );
    const { extensions, fields: _, client, ...known } = decoded;
    assert.deepEqual([...extensions], [["ut_pex", 1]]);
    assert.equal(client, "Evil[31m client");
    assert.ok(Object.values(known).every((value) => value === undefined));
  });

  it("is bounded in names and in the client's length", () => {
    const decoded = decodeExtensionHandshake(
      encodeBencode({
        m: Object.fromEntries(Array.from({ length: 500 }, (_, id) => [`x${id}`, id % 256])),
        v: "v".repeat(10_000),
      }),
    );
    assert.equal(decoded.extensions.size, 64);
    assert.equal(decoded.client?.length, 100);
    const deep = `d1:m${"l".repeat(11)}${"e".repeat(11)}e`;
    refused(() => decodeExtensionHandshake(bytes(deep)));
  });

  it("takes keys out of order and bytes after the dictionary, and refuses what is none", () => {
    assert.equal(decodeExtensionHandshake(bytes("d1:v1:a1:pi5eexx")).listenPort, 5);
    for (const payload of ["", "i1e", "le", "d1:p", "x"]) {
      refused(() => decodeExtensionHandshake(bytes(payload)));
    }
    assert.throws(() => encodeExtensionHandshake({ extensions: {}, yourIp: "here" }), RangeError);
  });
});

describe("ut_metadata", () => {
  it("BEP 9: messages are those of the proposal", () => {
    assert.equal(latin1(encodeMetadataRequest(0)), "d8:msg_typei0e5:piecei0ee");
    assert.equal(latin1(encodeMetadataReject(0)), "d8:msg_typei2e5:piecei0ee");
    const metadata = new Uint8Array(METADATA_PIECE_LENGTH_BYTES + 2).fill(0x78);
    assert.equal(
      latin1(encodeMetadataData(1, metadata)),
      "d8:msg_typei1e5:piecei1e10:total_sizei16386eexx",
    );
  });

  it("messages come back from the wire as they went", () => {
    assert.deepEqual(decodeMetadataMessage(encodeMetadataRequest(3)), {
      type: "request",
      piece: 3,
    });
    assert.deepEqual(decodeMetadataMessage(encodeMetadataReject(3)), { type: "reject", piece: 3 });
    const metadata = Uint8Array.from({ length: 40_000 }, (_, at) => at);
    const parts = [0, 1, 2].map((piece) => {
      const message = decodeMetadataMessage(encodeMetadataData(piece, metadata));
      assert.ok(message.type === "data");
      assert.equal(message.totalLengthBytes, 40_000);
      return message.data;
    });
    assert.deepEqual(new Uint8Array(Buffer.concat(parts)), metadata);
    assert.throws(() => encodeMetadataData(3, metadata), RangeError);
  });

  it("BEP 9: a type that is not defined is named unknown", () => {
    assert.deepEqual(decodeMetadataMessage(bytes("d8:msg_typei9ee")), { type: "unknown" });
  });

  it("refuses pieces that are none and data of another length than their place asks for", () => {
    const data = (piece: number, total: number, length: number): Uint8Array =>
      Buffer.concat([
        encodeBencode({ msg_type: 1, piece, total_size: total }),
        new Uint8Array(length),
      ]);
    decodeMetadataMessage(data(0, 16384, 16384));
    for (const payload of [
      data(0, 16384, 16383),
      data(0, 16384, 16385),
      data(0, 20000, 20000),
      data(1, 16384, 0),
      data(2, 16385, 1),
      data(-1, 100, 100),
      data(0, 0, 0),
      data(0, MAX_METADATA_LENGTH_BYTES + 1, 16384),
      bytes("d8:msg_typei1e5:piecei0ee"),
      bytes("d8:msg_typei0ee"),
      bytes("d5:piecei0ee"),
    ]) {
      refused(() => decodeMetadataMessage(payload));
    }
  });
});

describe("ut_pex", () => {
  const port = fc.integer({ min: 1, max: 65535 });
  const address = fc.oneof(
    fc.tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255)).map(([a, b]) => `${a}.${b}.0.1`),
    fc.nat(0xffff).map((group) => `2001:db8::1:${group.toString(16)}`),
  );

  it("BEP 11: keeps one flag byte for each added peer, in both families", () => {
    const payload = encodePex({
      added: [
        { address: "2001:db8::1", port: 2, flags: PEX_FLAG.utp },
        { address: "1.2.3.4", port: 258, flags: PEX_FLAG.reachable | PEX_FLAG.uploadOnly },
      ],
      dropped: [{ address: "5.6.7.8", port: 1 }],
    });
    assert.equal(
      latin1(payload),
      "d5:added6:\x01\x02\x03\x04\x01\x027:added.f1:\x126:added618: \x01\x0d\xb8" +
        `${"\0".repeat(11)}\x01\0\x028:added6.f1:\x047:dropped6:\x05\x06\x07\x08\0\x018:dropped60:e`,
    );
  });

  it("comes back from the wire as it went, IPv4 first", () => {
    const endpoint = fc.record({ address, port });
    const peer = fc.record({ address, port, flags: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.array(peer, { maxLength: 50 }),
        fc.array(endpoint, { maxLength: 50 }),
        (added, dropped) => {
          const ipv4First = <T extends { address: string }>(peers: T[]): T[] => [
            ...peers.filter((entry) => !entry.address.includes(":")),
            ...peers.filter((entry) => entry.address.includes(":")),
          ];
          const decoded = decodePex(encodePex({ added, dropped }));
          assert.deepEqual(
            decoded.added,
            ipv4First(added).map((entry) => ({ ...entry, address: canonicalIp(entry.address) })),
          );
          assert.deepEqual(
            decoded.dropped,
            ipv4First(dropped).map((entry) => ({ ...entry, address: canonicalIp(entry.address) })),
          );
        },
      ),
    );
  });

  it("keeps flags with their peers when an entry without a port is left out", () => {
    const payload = encodeBencode({
      added: Uint8Array.of(1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 0, 9, 3, 3),
      "added.f": Uint8Array.of(1, 16),
    });
    assert.deepEqual(decodePex(payload).added, [{ address: "2.2.2.2", port: 9, flags: 16 }]);
  });

  it("takes 50 peers at most unless told otherwise", () => {
    const peers = Array.from({ length: 120 }, (_, at) => ({
      address: `1.1.1.${at}`,
      port: 1,
      flags: 0,
    }));
    const payload = encodePex({ added: peers, dropped: peers });
    assert.equal(decodePex(payload).added.length, 50);
    assert.equal(decodePex(payload).dropped.length, 50);
    assert.equal(decodePex(payload, 100).added.length, 100);
  });

  it("takes missing fields for empty ones, and refuses what is no dictionary or over 500 KiB", () => {
    assert.deepEqual(decodePex(bytes("de")), { added: [], dropped: [] });
    assert.deepEqual(decodePex(bytes("d5:addedi1e7:droppedlee")), { added: [], dropped: [] });
    refused(() => decodePex(bytes("le")));
    refused(() => decodePex(new Uint8Array(500 * 1024 + 1)));
  });
});

describe("small extension messages", () => {
  it("BEP 54: lt_donthave carries a piece", () => {
    assert.equal(Buffer.from(encodeDontHave(0xfffefdfc)).toString("hex"), "fffefdfc");
    assert.equal(decodeDontHave(encodeDontHave(0xfffefdfc)), 0xfffefdfc);
    refused(() => decodeDontHave(new Uint8Array(5)));
  });

  it("BEP 21: upload_only carries one byte", () => {
    assert.equal(decodeUploadOnly(encodeUploadOnly(true)), true);
    assert.equal(decodeUploadOnly(encodeUploadOnly(false)), false);
    refused(() => decodeUploadOnly(new Uint8Array(0)));
  });
});

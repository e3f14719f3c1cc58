import { encodeBencode } from "../bencode/encode-bencode.ts";
import { testDecoder } from "../fuzz/test-decoder.ts";
import { Bitfield } from "./bitfield.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeExtended, encodeHashes, encodePort, encodeReject } from "./encode-message.ts";
import { decodeExtensionHandshake, encodeExtensionHandshake } from "./extension-handshake.ts";
import { decodeHandshake, encodeHandshake } from "./handshake.ts";
import { MESSAGE } from "./message.ts";
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataRequest,
} from "./metadata-message.ts";
import { decodePex, encodePex } from "./pex-message.ts";

const id = new Uint8Array(20);
const hashRange = {
  piecesRoot: new Uint8Array(32),
  baseLayer: 0,
  index: 0,
  count: 2,
  proofLayers: 1,
};

testDecoder({
  name: "decodeMessage",
  decode: (bytes) => {
    const messageId = bytes[0] ?? MESSAGE.choke;
    // The streaming reader never hands over a piece message.
    return messageId === MESSAGE.piece ? null : decodeMessage(messageId, bytes.subarray(1));
  },
  corpus: [
    encodeReject(1, 2, 3),
    encodePort(6881),
    encodeExtended(1, id),
    encodeHashes(hashRange, new Uint8Array(96)),
  ].map((message) => message.subarray(4)),
});

testDecoder({
  name: "decodeHandshake",
  decode: decodeHandshake,
  corpus: [encodeHandshake({ infoHash: id, peerId: id, fast: true })],
});

testDecoder({
  name: "Bitfield.fromBytes",
  decode: (bytes) => Bitfield.fromBytes(bytes, 20),
  corpus: [Uint8Array.of(0xff, 0xff, 0xf0)],
});

testDecoder({
  name: "decodeExtensionHandshake",
  decode: decodeExtensionHandshake,
  corpus: [
    encodeExtensionHandshake({
      extensions: { ut_metadata: 1, ut_pex: 2 },
      client: "Shoal",
      listenPort: 6881,
      yourIp: "1.2.3.4",
      metadataLengthBytes: 1000,
      uploadOnly: true,
    }),
    encodeBencode({ m: {}, ipv6: new Uint8Array(16), reqq: 500, complete_ago: 5 }),
  ],
});

testDecoder({
  name: "decodeMetadataMessage",
  decode: decodeMetadataMessage,
  corpus: [encodeMetadataRequest(1), encodeMetadataData(0, id)],
});

testDecoder({
  name: "decodePex",
  decode: (bytes) => decodePex(bytes),
  corpus: [
    encodePex({
      added: [
        { address: "1.2.3.4", port: 5, flags: 1 },
        { address: "2001:db8::1", port: 5, flags: 2 },
      ],
      dropped: [{ address: "5.6.7.8", port: 9 }],
    }),
  ],
});

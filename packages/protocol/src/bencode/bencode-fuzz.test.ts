import { testDecoder } from "../fuzz/test-decoder.ts";
import { decodeBencode, decodeBencodePrefix } from "./decode-bencode.ts";

const corpus = [
  "i0e",
  "i-9007199254740993e",
  "4:spam",
  "ll0:ei1ee",
  "d3:cow3:moo4:spaml1:a1:bee",
  "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe",
].map((text) => Buffer.from(text, "latin1"));

testDecoder({ name: "decodeBencode", decode: (bytes) => decodeBencode(bytes), corpus });
testDecoder({
  name: "decodeBencodePrefix",
  decode: (bytes) => decodeBencodePrefix(bytes, { allowUnsortedKeys: true }),
  corpus: [...corpus, Buffer.from("d8:msg_typei1e5:piecei0eexxxx", "latin1")],
});

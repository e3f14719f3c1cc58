import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { MAX_PART_HEADER_BYTES, MAX_PARTS, parseMultipart } from "./multipart.ts";
import { WebApiError } from "./web-api-error.ts";

const TYPE = "multipart/form-data; boundary=X";

function read(text: string, type = TYPE) {
  return parseMultipart(type, Buffer.from(text, "latin1")).map(({ name, fileName, bytes }) => ({
    name,
    fileName,
    text: Buffer.from(bytes).toString("latin1"),
  }));
}

function write(parts: readonly { name: string; fileName?: string; bytes: Uint8Array }[]): Buffer {
  const written = parts.map(({ name, fileName, bytes }) =>
    Buffer.concat([
      Buffer.from(`--X\r\nContent-Disposition: form-data; name="${name}"`),
      Buffer.from(fileName === undefined ? "" : `; filename="${fileName}"`),
      Buffer.from("\r\n\r\n"),
      bytes,
      Buffer.from("\r\n"),
    ]),
  );
  return Buffer.concat([...written, Buffer.from("--X--\r\n")]);
}

suite("forms of multipart/form-data", () => {
  test("RFC 7578: fields and files are told apart, with their bytes as they are", () => {
    const form =
      '--X\r\nContent-Disposition: form-data; name="category"\r\n\r\ntv\r\n' +
      '--X\r\nContent-Disposition: form-data; name="torrents"; filename="a \\"b\\".torrent"\r\n' +
      "Content-Type: application/x-bittorrent\r\n\r\nd4:info\0\r\n\r\n--Xe\r\n--X--\r\n";
    assert.deepEqual(read(form.replace("--Xe", "-Xe")), [
      { name: "category", fileName: null, text: "tv" },
      { name: "torrents", fileName: 'a "b".torrent', text: "d4:info\0\r\n\r\n-Xe" },
    ]);
  });

  test("names without quotes, quoted boundaries, a preamble and blanks are understood", () => {
    const form =
      "nobody reads this\r\n--X \t\r\ncontent-disposition: form-data; name=urls; filename=x\r\n\r\nm\r\n--X--";
    assert.deepEqual(read(form, 'multipart/form-data; charset=utf-8; boundary="X"'), [
      { name: "urls", fileName: "x", text: "m" },
    ]);
  });

  test("an empty field, and a form without fields", () => {
    const form = '--X\r\nContent-Disposition: form-data; name="tags"\r\n\r\n\r\n--X--';
    assert.deepEqual(read(form), [{ name: "tags", fileName: null, text: "" }]);
    assert.deepEqual(read("--X--"), []);
  });

  test("what does not end, or has no name, is refused", () => {
    for (const bad of [
      "",
      "--X",
      "--X\r\n",
      '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
      "--X\r\nContent-Disposition: form-data\r\n\r\nb\r\n--X--",
      '--X\r\nContent-Disposition: attachment; name="a"\r\n\r\nb\r\n--X--',
      '--Xtail\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--X--',
    ]) {
      assert.throws(() => read(bad), { code: "web-api", status: 400 });
    }
    assert.throws(() => read("--X--", "multipart/form-data"), WebApiError);
    assert.throws(
      () => read("--X--", `multipart/form-data; boundary=${"b".repeat(71)}`),
      WebApiError,
    );
  });

  test("parts and their headers are bounded", () => {
    const part = { name: "a", bytes: new Uint8Array() };
    const most = Array.from({ length: MAX_PARTS }, () => part);
    assert.equal(parseMultipart(TYPE, write(most)).length, MAX_PARTS);
    assert.throws(() => parseMultipart(TYPE, write([...most, part])), WebApiError);
    const long = { name: "a".repeat(MAX_PART_HEADER_BYTES), bytes: new Uint8Array() };
    assert.throws(() => parseMultipart(TYPE, write([long])), WebApiError);
  });

  test("any bytes come back as they were sent", () => {
    const fields = {
      name: fc.stringMatching(/^[a-z]{1,10}$/),
      bytes: fc.uint8Array({ maxLength: 200 }),
    };
    const part = fc.record(fields, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        fc.pre(parts.every(({ bytes }) => !Buffer.from(bytes).includes("--X")));
        const read = parseMultipart(TYPE, write(parts));
        assert.deepEqual(
          read.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) })),
          parts,
        );
      }),
    );
  });

  test("hostile bytes are a form or are refused, and nothing else", () => {
    const piece = fc.constantFrom("--X", "--", "\r\n", "\r\n\r\n", "name=", '"', "; ", "\0");
    const text = fc.array(fc.oneof(piece, fc.string())).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (body) => {
        try {
          parseMultipart(TYPE, Buffer.from(body));
        } catch (error) {
          assert.ok(error instanceof WebApiError);
        }
      }),
    );
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { sourceOfFile, sourcesInText, toBase64 } from "./sources.ts";

suite("sources in text", () => {
  test("magnet links, infohashes of both versions and addresses are found, each once", () => {
    const hash = "0123456789abcdef0123456789ABCDEF01234567";
    const magnet = `magnet:?xt=urn:btih:${hash}&dn=a+film`;
    const text = `see ${magnet}\n${hash} https://example.org/a.torrent\r\n${magnet} file:///etc/passwd`;
    assert.deepEqual(sourcesInText(text), [
      { label: "a film", source: { magnet } },
      { label: hash, source: { magnet: hash } },
      {
        label: "https://example.org/a.torrent",
        source: { url: "https://example.org/a.torrent" },
      },
    ]);
  });

  test("other text is no source", () => {
    assert.deepEqual(sourcesInText("hello javascript:alert(1) magnet https://"), []);
  });
});

suite("torrent files", () => {
  test("their bytes go as base64, however many", async () => {
    const bytes = Uint8Array.from({ length: 100_001 }, (_, index) => index % 251);
    assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
    const { label } = await sourceOfFile(new File([bytes], "a.torrent"));
    assert.equal(label, "a.torrent");
  });

  test("what is too large for a torrent file is not read", async () => {
    const file = new File([new Uint8Array(10 * 2 ** 20 + 1)], "film.mkv");
    await assert.rejects(sourceOfFile(file), RangeError);
  });
});

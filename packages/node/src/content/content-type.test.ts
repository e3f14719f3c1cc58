import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { contentDisposition, contentHeaders, contentTypeOf } from "./content-type.ts";

suite("content types", () => {
  test("sound and pictures are shown where they are", () => {
    for (const [name, type] of [
      ["film.mp4", "video/mp4"],
      ["Film.WEBM", "video/webm"],
      ["a.b.flac", "audio/flac"],
      ["cover.jpg", "image/jpeg"],
    ] as const) {
      const headers = contentHeaders(name, false);
      assert.equal(headers["content-type"], type);
      assert.match(headers["content-disposition"]!, /^inline;/);
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
  });

  test("what a browser could run is handed out to be saved, in a sandbox, as bytes", () => {
    for (const name of [
      "index.html",
      "a.htm",
      "a.xhtml",
      "picture.svg",
      "a.svgz",
      "a.xml",
      "a.xsl",
      "a.js",
      "a.mjs",
      "a.wasm",
      "a.swf",
      "a.mht",
      "film.mp4.html",
      "no extension",
      "constructor",
      "a.__proto__",
      "a.constructor",
    ]) {
      const headers = contentHeaders(name, false);
      assert.equal(headers["content-type"], "application/octet-stream", name);
      assert.match(headers["content-disposition"]!, /^attachment;/, name);
      assert.match(headers["content-security-policy"]!, /^sandbox;/, name);
      assert.equal(headers["x-content-type-options"], "nosniff", name);
    }
  });

  test("text, documents and archives have their type, and are saved", () => {
    assert.equal(contentTypeOf("a.pdf").type, "application/pdf");
    assert.match(contentHeaders("a.pdf", true)["content-security-policy"]!, /^sandbox/);
    assert.match(contentHeaders("a.txt", true)["content-disposition"]!, /^attachment/);
  });

  test("RFC 6266: whatever a file is called, its name stays within its header", () => {
    assert.equal(
      contentDisposition("attachment", `a"; filename=b.exe\r\nset-cookie: x\u202Ehtml`),
      `attachment; filename="a__ filename_b.exe__set-cookie_ x_html"; filename*=UTF-8''a%22%3B%20filename%3Db.exe%0D%0Aset-cookie%3A%20x%E2%80%AEhtml`,
    );
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff)), (units) => {
        const name = String.fromCharCode(...units);
        const header = contentDisposition("inline", name);
        assert.match(header, /^inline; filename="[\w .()+,-]*"; filename\*=UTF-8''[\w.~%-]*$/);
      }),
    );
  });
});

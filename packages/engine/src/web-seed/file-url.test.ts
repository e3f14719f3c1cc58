import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetainfoFile } from "@shoal/protocol";
import { webSeedFileUrl } from "./file-url.ts";

function urlOf(webSeed: string, ...paths: (readonly string[])[]): string | undefined {
  const files = paths.map((rawPath) => ({ rawPath }) as MetainfoFile);
  return webSeedFileUrl(webSeed, { files }, files.length - 1)?.href;
}

test("BEP 19: the URL of a single file is the file's own", () => {
  assert.equal(urlOf("http://a.example/pub/x.iso", ["x.iso"]), "http://a.example/pub/x.iso");
  assert.equal(urlOf("http://a.example/get?id=7", ["x.iso"]), "http://a.example/get?id=7");
});

test("BEP 19: a slash at the end asks for the single file's name behind it", () => {
  assert.equal(urlOf("http://a.example/pub/", ["x y.iso"]), "http://a.example/pub/x%20y.iso");
});

test("BEP 19: the root folder and the path follow where a torrent has a root folder", () => {
  for (const base of ["http://a.example/pub", "http://a.example/pub/"]) {
    const url = urlOf(base, ["root", "first"], ["root", "sub", "b.bin"]);
    assert.equal(url, "http://a.example/pub/root/sub/b.bin");
    assert.equal(urlOf(base, ["root", "only"]), "http://a.example/pub/root/only");
  }
});

test("every component is percent-encoded by itself, as UTF-8", () => {
  assert.equal(
    urlOf("http://a.example/", ["r", "ä #?%&+/\u65e5.bin"]),
    "http://a.example/r/%C3%A4%20%23%3F%25%26%2B%2F%E6%97%A5.bin",
  );
  assert.equal(urlOf("http://a.example/", ["r", "\ud800"]), "http://a.example/r/%EF%BF%BD");
});

test("what is no URL has no files", () => {
  assert.equal(urlOf("not a url", ["x"]), undefined);
});

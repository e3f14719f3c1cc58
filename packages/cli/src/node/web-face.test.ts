import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Face } from "@shoal/node";
import { createWebFace } from "./web-face.ts";

type Request = Parameters<Face["handle"]>[0];

suite("web face", () => {
  let folder = "";
  let face: Face;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "shoal-web-"));
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), "<!doctype html>");
    await writeFile(join(folder, "assets", "index-AB12.js"), "run()");
    await writeFile(join(folder, "provider.js"), "announce()");
    await writeFile(join(folder, "secret"), "not to be served");
    face = createWebFace(pathToFileURL(`${folder}/`));
  });
  after(() => rm(folder, { recursive: true }));

  const ask = (target: string, more: Partial<Request> = {}) =>
    face.handle({ method: "GET", target, headers: {}, ...more } as Request, {
      kind: "nobody",
      scopes: new Set(),
    });

  test("the page is at the root, asked for anew each time, and may run its own files alone", async () => {
    const { status, headers = {}, body } = await ask("/?x");
    assert.equal(status, 200);
    assert.equal(Buffer.from(body as Uint8Array).toString(), "<!doctype html>");
    assert.equal(headers["cache-control"], "no-cache");
    const policy = headers["content-security-policy"] ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
  });

  test("what carries its hash in its name is kept forever, and sent packed", async () => {
    const { headers = {}, body } = await ask("/assets/index-AB12.js", {
      headers: { "accept-encoding": "gzip, br" },
    });
    assert.match(headers["cache-control"] ?? "", /immutable/);
    assert.match(headers["content-type"] ?? "", /javascript/);
    assert.equal(gunzipSync(body as Uint8Array).toString(), "run()");
  });

  test("pages of other sites may load the wallet's script, and nothing else of it", async () => {
    const { headers: script = {} } = await ask("/provider.js");
    assert.equal(script["access-control-allow-origin"], "*");
    assert.equal(script["cross-origin-resource-policy"], "cross-origin");
    assert.equal(script["cache-control"], "no-cache");
    for (const target of ["/", "/assets/index-AB12.js"]) {
      const { headers = {} } = await ask(target);
      assert.equal(headers["access-control-allow-origin"], undefined);
      assert.equal(headers["cross-origin-resource-policy"], undefined);
    }
  });

  test("nothing else is its own, whatever the path says", () => {
    for (const path of ["/secret", "/assets/../secret", "/api/v1/session", "/assets/%2e%2e/secret"])
      assert.equal(face.owns(path, {} as Request), false, path);
  });

  test("nothing is sent to it", async () => {
    assert.equal((await ask("/", { method: "POST" })).status, 405);
    assert.equal(face.maxBodyBytes("POST", "/", {} as Request), 0);
  });

  test("where nothing is built it says how to build it", async () => {
    const empty = createWebFace(new URL("nowhere/", pathToFileURL(`${folder}/`)));
    const { status, body } = await empty.handle(
      { method: "GET", target: "/", headers: {} } as Request,
      {
        kind: "nobody",
        scopes: new Set(),
      },
    );
    assert.equal(status, 503);
    assert.match(Buffer.from(body as Uint8Array).toString(), /npm run build:web/);
  });
});

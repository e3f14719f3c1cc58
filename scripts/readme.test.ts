import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSession } from "@shoal/engine";
import { createNodeRuntime } from "@shoal/runtime/node";
import { root } from "./pinned-node.mjs";

/** One file of four pieces whose content is zeros. */
const LENGTH_BYTES = 64 * 1024;
const ZEROS_SHA1 = "897256b6709e1a4da9daba92b6bde39ccfccd8c1";
const torrentFile = Buffer.concat([
  Buffer.from(`d4:infod6:lengthi${LENGTH_BYTES}e4:name5:zeros12:piece lengthi16384e6:pieces80:`),
  ...Array.from({ length: 4 }, () => Buffer.from(ZEROS_SHA1, "hex")),
  Buffer.from("ee"),
]);

test("the README's example downloads a torrent from a seed on this machine", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shoal-readme-"));
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const seeding = await createSession({ runtime, host: "127.0.0.1" });
  try {
    await mkdir(join(folder, "downloads"));
    await writeFile(join(folder, "zeros"), new Uint8Array(LENGTH_BYTES));
    const seed = await seeding.add(torrentFile, { dir: folder });
    await seed.whenComplete();
    const scope = {
      torrentFileOrMagnet: torrentFile,
      peers: [{ address: "127.0.0.1", port: seeding.port }],
    };
    await import(await moduleOf(scope, folder));
    const got = await readFile(join(folder, "downloads", "zeros"));
    assert.deepEqual(got, Buffer.alloc(LENGTH_BYTES));
  } finally {
    await seeding.close();
    await runtime.close();
    await rm(folder, { recursive: true });
  }
});

/** The example as a module, with these values in scope, and its downloads in `folder`. */
async function moduleOf(scope: object, folder: string): Promise<string> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const example = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? "";
  const values = "globalThis.shoalReadmeExample";
  Object.assign(globalThis, { shoalReadmeExample: scope });
  const source = stripTypeScriptTypes(example)
    .replaceAll(/"(@shoal[^"]*)"/g, (_, name: string) => `"${import.meta.resolve(name)}"`)
    .replace('"downloads"', JSON.stringify(join(folder, "downloads")))
    .replace("console.log", "void ");
  const head = `const { ${Object.keys(scope).join(", ")} } = ${values};\n`;
  return `data:text/javascript,${encodeURIComponent(head + source)}`;
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { packPackages, publishedManifest } from "./pack.ts";
import { pinnedEnvironment, root } from "./pinned-node.mjs";
import { listWorkspaces } from "./workspace.ts";

/** The engine and all that it stands on, the contracts, and the page; what they need of the registry is in the cache of npm. */
const INSTALLED = [
  "runtime",
  "protocol",
  "tracker",
  "utp",
  "webrtc",
  "dht",
  "engine",
  "contracts",
  "web",
];

/** A decoder and an encoder, a worker thread that hashes a piece and writes it, and threads that run sessions. */
const PROGRAM = `
  import { createHash } from "node:crypto";
  import { readFileSync } from "node:fs";
  import { decodeBencode, encodeBencode } from "@shoal/protocol";
  import { createShardedSession } from "@shoal/engine";
  import { createNodeRuntime, createThreads } from "@shoal/runtime/node";

  const bytes = new TextEncoder().encode("d3:bar4:spam3:fooi42ee");
  const again = encodeBencode(decodeBencode(bytes));
  if (Buffer.compare(again, bytes) !== 0) throw new Error("bencode did not come back as it went");

  const runtime = await createNodeRuntime();
  const lengthBytes = bytes.length;
  const storage = await runtime.disk.open({
    root: "downloads",
    files: [{ path: ["piece"], offsetBytes: 0, lengthBytes }],
  });
  const slab = runtime.disk.pool.acquire(16384);
  slab.bytes.set(bytes);
  const sha1 = createHash("sha1").update(bytes).digest();
  const verdict = await storage.hashAndWrite({ offsetBytes: 0, lengthBytes, sha1 }, [
    slab.offset,
    lengthBytes,
  ]);
  await storage.close();
  const threads = createThreads({ sharedBy: 2 });
  const session = await createShardedSession({ runtime, threads, workers: 2, host: "127.0.0.1" });
  const statuses = await session.status();
  if (statuses.length !== 0 || session.workers.some(({ isUp }) => !isUp)) throw new Error("not up");
  await session.close();
  await runtime.close();
  if (!verdict.ok || !readFileSync("downloads/piece").equals(bytes)) throw new Error("not written");
  console.log("works");
`;

suite("packed packages", { timeout: 120_000 }, () => {
  const project = mkdtempSync(join(tmpdir(), "shoal-consumer-"));
  const workspaces = listWorkspaces().filter(({ shortName }) => INSTALLED.includes(shortName));

  before(async () => {
    const tarballs = await packPackages(project);
    const wanted = tarballs.filter((path) =>
      INSTALLED.some((name) => basename(path).startsWith(`shoal-${name}-`)),
    );
    assert.equal(wanted.length, INSTALLED.length);
    writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
    const quiet = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier"];
    run(process.platform === "win32" ? "npm.cmd" : "npm", ["install", ...quiet, ...wanted]);
  });

  after(() => rmSync(project, { recursive: true, force: true }));

  test("every entry of every package can be imported", () => {
    const entries = workspaces.flatMap(({ manifest }) =>
      Object.keys(manifest.exports ?? {}).map((entry) => manifest.name + entry.slice(1)),
    );
    writeFileSync(
      join(project, "entries.js"),
      entries.map((name) => `import "${name}";`).join("\n"),
    );
    run(process.execPath, ["entries.js"]);
  });

  test("they do their work", () => {
    writeFileSync(join(project, "program.js"), PROGRAM);
    assert.equal(run(process.execPath, ["program.js"]).trim(), "works");
  });

  test("the web interface is in its package", () => {
    const page = `import { readFileSync } from "node:fs";
      import { webFolder } from "@shoal/web";
      console.log(readFileSync(new URL("index.html", webFolder), "utf8"));`;
    writeFileSync(join(project, "page.js"), page);
    assert.match(run(process.execPath, ["page.js"]), /assets\/index-[\w-]+\.js/);
  });

  test("their declarations check, each and whole", () => {
    const names = workspaces.flatMap(({ manifest }) =>
      Object.keys(manifest.exports ?? {}).map((entry) => manifest.name + entry.slice(1)),
    );
    const lines = names.map((name, index) => `export * as entry${index} from "${name}";`);
    writeFileSync(join(project, "types.ts"), lines.join("\n"));
    const options = "--noEmit --strict --module nodenext --target es2024 --lib es2024,esnext".split(
      " ",
    );
    const types = ["--typeRoots", join(root, "node_modules", "@types"), "--types", "node"];
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    run(process.execPath, [compiler, ...options, ...types, "types.ts"]);
  });

  function run(command: string, parameters: readonly string[]): string {
    const ran = spawnSync(command, parameters, {
      cwd: project,
      encoding: "utf8",
      env: pinnedEnvironment(),
      shell: command.endsWith(".cmd"),
    });
    assert.equal(ran.status, 0, `${command} ${parameters.join(" ")}\n${ran.stdout}\n${ran.stderr}`);
    return ran.stdout;
  }
});

test("a published manifest names built files only", () => {
  const manifest = publishedManifest({
    name: "@shoal/example",
    version: "1.2.3",
    exports: { ".": "./src/index.ts", "./part": "./src/part/index.ts" },
    bin: { example: "./src/main.ts" },
    devDependencies: { tool: "1.0.0" },
  });
  assert.deepEqual(manifest, {
    name: "@shoal/example",
    version: "1.2.3",
    files: ["dist"],
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./part": { types: "./dist/part/index.d.ts", default: "./dist/part/index.js" },
    },
    bin: { example: "./dist/main.js" },
  });
});

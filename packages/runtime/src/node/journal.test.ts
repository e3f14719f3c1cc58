import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createNodeRuntime } from "./create-node-runtime.ts";

test("a process that is killed lets go of its journal, and of nothing that it was told is there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shoal-journal-"));
  const runtime = await createNodeRuntime();
  const path = join(folder, "j");
  const program = join(folder, "holder.mjs");
  await writeFile(
    program,
    `import { createNodeRuntime } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
     const journal = await (await createNodeRuntime()).disk.openJournal(${JSON.stringify(path)});
     await journal.append(Uint8Array.of(1, 2, 3));
     process.send("held");
     setInterval(() => {}, 1e6);`,
  );
  try {
    const child = fork(program);
    await once(child, "message");
    await assert.rejects(runtime.disk.openJournal(path), { name: "DiskError", code: "locked" });
    child.kill("SIGKILL");
    await once(child, "exit");
    const journal = await runtime.disk.openJournal(path);
    assert.deepEqual([...(await journal.read(0, 10))], [1, 2, 3]);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  } finally {
    await runtime.close();
    await rm(folder, { recursive: true });
  }
});

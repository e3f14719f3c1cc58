import { mkdtemp, rm } from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testStore } from "../conformance/store-conformance.ts";
import { createStore } from "./store.ts";

// A store per fact starts many threads: compiled once, they start in a third of the time.
enableCompileCache();

testStore("node", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shoal-store-"));
  return {
    ports: { openStore: () => createStore(join(folder, "new", "store.sqlite")) },
    run: (body) => body(),
    close: () => rm(folder, { recursive: true }),
  };
});

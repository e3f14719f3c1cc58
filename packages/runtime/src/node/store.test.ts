import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testStore } from "../conformance/store-conformance.ts";
import { createStore } from "./store.ts";

testStore("node", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shoal-store-"));
  return {
    ports: { openStore: () => createStore(join(folder, "new", "store.sqlite")) },
    run: (body) => body(),
    close: () => rm(folder, { recursive: true }),
  };
});

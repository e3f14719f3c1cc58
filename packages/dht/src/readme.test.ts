import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { encodeBencode } from "@shoal/protocol";
import { createNodeRuntime } from "@shoal/runtime/node";
import { openDht } from "./index.ts";

const infoHash = new Uint8Array(20).fill(7);
const seed = new Uint8Array(32).fill(1);

test("the README's example runs, over real sockets", async () => {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const seen: string[] = [];
  const print = (line: string): number => seen.push(line);

  // README
  const entrance = await openDht({ ...runtime, hosts: ["127.0.0.1"] });
  const { port } = entrance.locals[0]!;
  const bootstrap = [{ host: "127.0.0.1", port }];
  const dht = await openDht({ ...runtime, hosts: ["127.0.0.1"], bootstrap });
  await dht.whenJoined();

  await dht.announce(infoHash, { port: 6881 });
  for await (const peer of dht.findPeers(infoHash)) print(`a peer at port ${peer.port}`);

  const { item } = await dht.putMutable(seed, encodeBencode("hello"));
  const found = await entrance.getMutable(item.publicKey);
  print(`version ${found!.seq}: ${Buffer.from(found!.value).toString()}`);

  await dht.closeSockets();
  await entrance.closeSockets();
  // end

  await runtime.close();
  assert.deepEqual(seen, ["a peer at port 6881", "version 1: 5:hello"]);
  const source = await readFile(new URL(import.meta.url), "utf8");
  const example = source
    .split("  // README\n")[1]!
    .split("  // end\n")[0]!
    .replaceAll(/^ {2}/gm, "");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  assert.ok(readme.includes(example), "the README's example differs from this test's");
});

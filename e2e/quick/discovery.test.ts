import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test, type TestContext } from "node:test";
import { type OpenDht, openDht } from "../../packages/dht/src/index.ts";
import { fromHex } from "../../packages/protocol/src/index.ts";
import { createNodeRuntime } from "../../packages/runtime/src/node/index.ts";
import { createWorkspace, patternBytes } from "./workspace.ts";

const LOCAL = ["--host", "127.0.0.1"];

/** Nodes that know each other, and the option that names one of them. */
async function startDht(t: TestContext): Promise<{ dht: OpenDht; way: string[] }> {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const nodes: OpenDht[] = [];
  t.after(async () => {
    for (const node of nodes) await node.closeSockets();
    await runtime.close();
  });
  let bootstrap: { host: string; port: number }[] = [];
  for (let i = 0; i < 3; i++) {
    const node = await openDht({ ...runtime, hosts: ["127.0.0.1"], bootstrap });
    nodes.push(node);
    bootstrap = [{ host: "127.0.0.1", port: nodes[0]!.locals[0]!.port }];
    await node.whenJoined();
  }
  return { dht: nodes[2]!, way: ["--dht-bootstrap", `127.0.0.1:${bootstrap[0]!.port}`] };
}

/** Resolves once a peer of the torrent is in the DHT. */
async function untilAnnounced(dht: OpenDht, infoHash: string): Promise<void> {
  for (;;) for await (const _peer of dht.findPeers(fromHex(infoHash))) return;
}

suite("peers without a server", () => {
  test("a magnet link alone finds its seed through the DHT", async (t) => {
    const { dht, way } = await startDht(t);
    const shell = createWorkspace(t);
    const content = patternBytes(300_000, 7);
    shell.write("film.bin", content);
    const { magnet, infoHashV1 } = await shell.json(["create", "film.bin"]);
    const seeder = shell.start(
      ["seed", "film.bin.torrent", "--dir", ".", ...LOCAL, ...way],
      "seeder",
    );
    await seeder.waitFor("listening");
    await untilAnnounced(dht, infoHashV1 as string);

    const get = ["get", magnet as string, "--dir", "downloads", ...LOCAL];
    const got = await shell.run([...get, ...way]);
    assert.equal(got.exitCode, 0, got.stderr);
    assert.deepEqual(new Uint8Array(readFileSync(shell.path("downloads", "film.bin"))), content);
    // Whom it met there it remembers: nobody has to name a way in again.
    const again = await shell.run(["get", magnet as string, "--dir", "more", ...LOCAL]);
    assert.equal(again.exitCode, 0, again.stderr);
  });
});

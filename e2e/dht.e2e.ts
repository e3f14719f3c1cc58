import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { suite, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { untilTrue } from "../bench/clients/deadline.ts";
import { PYTHON } from "../bench/clients/libtorrent.ts";
import { type OpenDht, openDht } from "../packages/dht/src/index.ts";
import { encodeBencode, itemPublicKey, toHex } from "../packages/protocol/src/index.ts";
import { createNodeRuntime } from "../packages/runtime/src/node/index.ts";
import { needClients, openScope, TEST_TIMEOUT_MS } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal } from "./shoal.ts";

const SCRIPT = fileURLToPath(new URL("../bench/clients/libtorrent-dht.py", import.meta.url));
const infoHash = Buffer.alloc(20, 0x42);
const seed = new Uint8Array(32).fill(5);
const salt = "e2e";
/** libtorrent hears nobody for minutes who asks it more than five times a second. */
const ASK_MS = 1_000;

/** A libtorrent DHT that carries out orders, one at a time. */
class LibtorrentDht {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(PYTHON, [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async order(order: object): Promise<Record<string, unknown>> {
    this.#child.stdin!.write(`${JSON.stringify(order)}\n`);
    return await this.answer();
  }

  async answer(): Promise<Record<string, unknown>> {
    const line = await this.#answers.next();
    assert.ok(line.done !== true, "libtorrent ended");
    return JSON.parse(line.value) as Record<string, unknown>;
  }

  close(): void {
    this.#child.kill();
  }
}

/** Two nodes of ours and one of libtorrent's, which know each other. */
async function start(
  t: TestContext,
): Promise<{ libtorrent: LibtorrentDht; port: number; nodes: OpenDht[] }> {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const libtorrent = new LibtorrentDht();
  const nodes: OpenDht[] = [];
  t.after(async () => {
    libtorrent.close();
    for (const node of nodes) await node.closeSockets();
    await runtime.close();
  });
  const { port } = (await libtorrent.answer()) as { port: number };
  const bootstrap = [{ host: "127.0.0.1", port }];
  for (let i = 0; i < 2; i++) {
    const node = await openDht({ ...runtime, hosts: ["127.0.0.1"], bootstrap });
    nodes.push(node);
    await node.whenJoined();
  }
  const { nodes: known } = await libtorrent.order({ do: "add", port: nodes[0]!.locals[0]!.port });
  assert.ok((known as number) > 0, "libtorrent knows a node of ours");
  return { libtorrent, port, nodes };
}

suite("libtorrent's DHT", await needClients("libtorrent"), () => {
  test("finds the peer that we announce, and we find its own", async (t) => {
    const { libtorrent, nodes } = await start(t);
    const { stored } = await nodes[0]!.announce(infoHash, { port: 7001 });
    assert.ok(stored >= 2, `${stored} nodes took it`);
    const hex = toHex(infoHash);
    const { peers } = await libtorrent.order({ do: "peers", infoHash: hex });
    assert.deepEqual(peers, [["127.0.0.1", 7001]]);

    const order = { do: "announce", infoHash: "43".repeat(20), dir: tmpdir() };
    const { port } = await libtorrent.order(order);
    const isFound = async (): Promise<boolean> => {
      const found = await firstOf(nodes[0]!, Buffer.alloc(20, 0x43));
      if (found !== null) assert.equal(found, port);
      else await libtorrent.order(order);
      return found !== null;
    };
    await untilTrue(isFound, "libtorrent has announced", TEST_TIMEOUT_MS, ASK_MS);
  });

  test("takes and gives immutable items", async (t) => {
    const { libtorrent, nodes } = await start(t);
    const put = await libtorrent.order({ do: "put", text: "from libtorrent" });
    assert.ok((put["stored"] as number) > 0);
    const target = Buffer.from(put["target"] as string, "hex");
    assert.deepEqual(await nodes[0]!.getImmutable(target), encodeBencode("from libtorrent"));

    const value = encodeBencode("from shoal");
    assert.ok((await nodes[1]!.putImmutable(value)) >= 2);
    const hex = createHash("sha1").update(value).digest("hex");
    assert.equal((await libtorrent.order({ do: "get", target: hex }))["item"], "from shoal");
  });

  test("takes and gives mutable items with salts, and replaces ours by its own", async (t) => {
    const { libtorrent, nodes } = await start(t);
    const publicKey = itemPublicKey(seed);
    const options = { salt: Buffer.from(salt) };
    const first = await nodes[0]!.putMutable(seed, encodeBencode("one"), options);
    assert.ok(first.stored >= 2);
    const keys = { public: toHex(publicKey), salt };
    const got = await libtorrent.order({ do: "get-mutable", ...keys });
    assert.deepEqual(got, { item: "one", seq: 1 });
    const put = { do: "put-mutable", private: expandedKey(seed), text: "two", ...keys };
    assert.ok(((await libtorrent.order(put))["stored"] as number) > 0);
    const second = await nodes[1]!.getMutable(publicKey, options);
    assert.equal(second?.seq, 2n);
    assert.deepEqual(second.value, encodeBencode("two"));
  });
});

suite("magnet links alone, through libtorrent's DHT", await needClients("libtorrent"), () => {
  for (const version of ["v1", "hybrid"] as const) {
    test(`shoal finds the seed of a ${version} torrent`, async (t) => {
      const { port } = await start(t);
      const way = ["--dht-bootstrap", `127.0.0.1:${port}`, "--no-pex"];
      const scope = openScope(t);
      const dir = await writeSample(scope);
      const { torrent, magnet } = await createTorrent(
        `${dir}/${SAMPLE_NAME}`,
        `${dir}/${version}.torrent`,
        ...[`--${version}`, "--piece-length", PIECE_LENGTH],
      );
      await Shoal.seed(scope, { torrent, dir }, ...way);
      const ours = await scope.folder();
      const getter = await Shoal.get(scope, { source: magnet, dir: ours }, ...way);
      assert.equal((await getter.whenEnded()).exit.code, 0, getter.tail);
      await assertSameFiles(dir, ours);
    });
  }
});

/** The port of the first peer that a look-up finds. */
async function firstOf(dht: OpenDht, hash: Uint8Array): Promise<number | null> {
  for await (const peer of dht.findPeers(hash)) return peer.port;
  return null;
}

/** What RFC 8032 makes of a seed, which libtorrent takes as a private key. */
function expandedKey(key: Uint8Array): string {
  const hash = createHash("sha512").update(key).digest();
  hash[0] = hash[0]! & 248;
  hash[31] = (hash[31]! & 63) | 64;
  return hash.toString("hex");
}

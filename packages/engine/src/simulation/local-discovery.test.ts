import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  LOCAL_GROUPS,
  LOCAL_PORT,
  type LocalAnnounce,
} from "@shoal/protocol";
import { type SimHost, withWorld } from "@shoal/runtime/sim";
import { createSession } from "../session/create-session.ts";
import { DATA_DIR, holdsContent, sampleTorrent, startNode } from "./swarm-world.ts";

const GROUP = { address: LOCAL_GROUPS[4], port: LOCAL_PORT };
const session = { lsd: true };

function createSample(seed = 1, isPrivate = false) {
  const details = { isPrivate };
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: 32_768,
    fileLengths: [300_000],
    seed,
    details,
  });
}

/** Hears what is announced in a network. */
async function listen(host: SimHost): Promise<{ atMs: number; announce: LocalAnnounce }[]> {
  const heard: { atMs: number; announce: LocalAnnounce }[] = [];
  const options = { port: LOCAL_PORT, multicast: { group: GROUP.address, hops: 1 } };
  await host.net.bindUdp({ ...options, host: host.address }, (bytes) => {
    heard.push({ atMs: host.clock.monotonicMs(), announce: decodeLocalAnnounce(bytes)! });
  });
  return heard;
}

suite("local discovery", () => {
  test("BEP 14: two sessions of a network find each other, and one of another network does not", () =>
    withWorld({ seed: 91 }, async (world) => {
      const sample = createSample();
      const host = (address: string) => ({ address });
      const seeder = await startNode(world, {
        host: host("10.0.0.1"),
        sample,
        seed: true,
        session,
      });
      const leecher = await startNode(world, { host: host("10.0.0.2"), sample, session });
      const stranger = await startNode(world, { host: host("10.0.9.3"), sample, session });
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(leecher.host, sample));
      assert.equal(stranger.torrent.status().knownAddresses, 0);
      assert.ok(seeder.session.discovery.lsd!.sent >= 1);
      const nodes = [seeder, leecher, stranger];
      await world.complete(Promise.all(nodes.map((node) => node.session.close())));
    }));

  test("BEP 27: private torrents are neither told nor looked for", () =>
    withWorld({ seed: 92 }, async (world) => {
      const sample = createSample(1, true);
      const other = world.host({ address: "10.0.0.9" });
      const heard = await listen(other);
      const leecher = await startNode(world, { host: { address: "10.0.0.2" }, sample, session });
      const { infoHash } = sample.metainfo.v1!;
      const socket = await world.complete(other.net.bindUdp({ port: 0 }, () => {}));
      socket.send(encodeLocalAnnounce({ port: 1, infoHashes: [infoHash], cookie: null }, 4), GROUP);
      await world.run({ untilMs: world.timeMs + 10 * 60_000 });
      assert.deepEqual(
        heard.filter(({ announce }) => announce.cookie !== null),
        [],
      );
      assert.equal(leecher.session.discovery.lsd!.heard, 1);
      assert.equal(leecher.torrent.status().knownAddresses, 0);
      await world.complete(leecher.session.close());
    }));

  test("BEP 14: thirty torrents are announced every five minutes, one announce a minute at most", () =>
    withWorld({ seed: 93 }, async (world) => {
      const heard = await listen(world.host({ address: "10.0.0.9" }));
      const host = world.host({ address: "10.0.0.1" });
      const opened = await world.complete(
        createSession({ runtime: host, host: host.address, lsd: true }),
      );
      for (let seed = 1; seed <= 30; seed++) {
        await world.complete(opened.add(createSample(seed).bytes, { dir: `${DATA_DIR}/${seed}` }));
      }
      await world.run({ untilMs: 10.5 * 60_000 });
      for (const [index, { atMs }] of heard.entries()) {
        if (index > 0) assert.ok(atMs - heard[index - 1]!.atMs >= 59_000);
      }
      const times = new Map<string, number[]>();
      for (const { atMs, announce } of heard) {
        for (const hash of announce.infoHashes) {
          const hex = Buffer.from(hash).toString("hex");
          times.set(hex, [...(times.get(hex) ?? []), atMs]);
        }
      }
      assert.equal(times.size, 30);
      for (const [first, second] of times.values()) assert.ok(second! - first! >= 299_000);
      await world.complete(opened.close());
    }));

  test("limit: an announce in the local network: from a public address it is dropped, as is what is none", () =>
    withWorld({ seed: 94 }, async (world) => {
      const sample = createSample();
      const leecher = await startNode(world, { host: { address: "10.0.0.2" }, sample, session });
      const send = async (address: string, bytes: Uint8Array): Promise<void> => {
        const { net } = world.host({ address });
        const socket = await world.complete(net.bindUdp({ port: 0 }, () => {}));
        socket.send(bytes, { address: "10.0.0.2", port: LOCAL_PORT });
      };
      const infoHashes = [sample.metainfo.v1!.infoHash];
      await send("198.41.0.4", encodeLocalAnnounce({ port: 9, infoHashes, cookie: null }, 4));
      await send("10.0.0.7", Buffer.from("BT-SEARCH * HTTP/1.1\r\n\r\n"));
      await world.run({ untilMs: world.timeMs + 5000 });
      const { sent, ...others } = leecher.session.discovery.lsd!;
      assert.deepEqual(others, { heard: 0, dropped: 2 });
      assert.equal(sent, 1);
      assert.equal(leecher.torrent.status().knownAddresses, 0);
      await world.complete(leecher.session.close());
    }));
});

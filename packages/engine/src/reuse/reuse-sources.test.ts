import assert from "node:assert/strict";
import { test } from "node:test";
import type { Metainfo } from "@shoal/protocol";
import type { Disk } from "@shoal/runtime";
import { sampleTorrent } from "../simulation/swarm-world.ts";
import { findReuseSources } from "./reuse-sources.ts";

const disk = {
  list: async (folder: string) => [
    { path: [folder, "same"], lengthBytes: 100 },
    { path: [folder, "other"], lengthBytes: 77 },
  ],
} as unknown as Disk;

function torrent(version: "v1" | "v2", more: Partial<Metainfo> = {}): Metainfo {
  const { metainfo } = sampleTorrent({ version, pieceLengthBytes: 16_384, fileLengths: [100, 0] });
  return { ...metainfo, ...more };
}

async function ranksOf(wanted: Metainfo, other: Metainfo): Promise<number[]> {
  const torrents = [{ dir: "/d", metainfo: other }];
  const sources = await findReuseSources({ metainfo: wanted, torrents, folders: ["/f"], disk });
  assert.deepEqual([...sources.keys()], [100]);
  return sources.get(100)!.map(({ rank }) => rank);
}

test("files of the lengths that are wanted are found in torrents and folders, but no empty ones", async () => {
  assert.deepEqual(await ranksOf(torrent("v1"), torrent("v2")), [1, 2]);
});

test("BEP 38: torrents that are said to be similar, or share a collection, come first", async () => {
  const other = torrent("v2");
  const similar = [other.v2!.infoHash.subarray(0, 20)];
  assert.deepEqual(await ranksOf(torrent("v1", { similar }), other), [0, 2]);
  assert.deepEqual(await ranksOf(other, torrent("v1", { similar })), [0, 2]);
  const collections = ["a", "b"];
  const shared = torrent("v2", { collections: ["b"] });
  assert.deepEqual(await ranksOf(torrent("v1", { collections }), shared), [0, 2]);
  assert.deepEqual(
    await ranksOf(torrent("v1", { collections }), torrent("v2", { collections: ["c"] })),
    [1, 2],
  );
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { spaceOf } from "./scripted-peer.ts";
import {
  DATA_DIR,
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;
const PIECE = 64 * KIB;
const PIECES = 48;

function createSample(): SampleTorrent {
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: PIECE,
    fileLengths: [20 * PIECE + 100, 10 * PIECE, 18 * PIECE - 200],
  });
}

/** A seed, and a leecher on a slow disk, so that a crash always finds something under way. */
async function startPair(
  world: SimWorld,
  sample: SampleTorrent,
  upBytesPerSecond = 200_000,
): Promise<{ seed: Node; leecher: Node }> {
  const seed = await startNode(world, {
    host: { address: "10.0.0.1", upBytesPerSecond },
    sample,
    seed: true,
  });
  const leecher = await startNode(world, {
    host: { address: "10.0.0.2", diskSeekMs: 5, diskBytesPerSecond: 1e6 },
    sample,
    torrent: { peers: [endpointOf(seed)] },
  });
  return { seed, leecher };
}

/** The second run, up to what it believes to have: the pieces, and the torrent going on. */
async function startAgain(
  world: SimWorld,
  host: SimHost,
  sample: SampleTorrent,
  seed: Node,
  recheck = false,
): Promise<Node & { readonly believed: number; readonly checkedBytes: number }> {
  let checkedBytes = 0;
  world.trace = (_timeMs, kind, address, detail) => {
    if (kind === "disk" && address === host.address) checkedBytes += detail;
  };
  const node = await startNode(world, {
    host: world.restart(host),
    sample,
    torrent: { recheck },
  });
  await world.complete(node.torrent.whenReady());
  world.trace = null;
  const believed = node.torrent.status().verifiedPieces;
  node.torrent.addPeers([endpointOf(seed)]);
  return { ...node, believed, checkedBytes };
}

/** The pieces that a host's disk holds as they should be. */
function countGood(host: SimHost, sample: SampleTorrent): number {
  const space = spaceOf(sample);
  const disk = new Uint8Array(space.length);
  for (const file of sample.metainfo.files) {
    const content = host.files.read([DATA_DIR, ...file.path].join("/"));
    if (content !== null) disk.set(content.subarray(0, file.lengthBytes), file.offsetBytes);
  }
  let good = 0;
  for (let at = 0; at < space.length; at += PIECE) {
    if (Buffer.compare(disk.subarray(at, at + PIECE), space.subarray(at, at + PIECE)) === 0) good++;
  }
  return good;
}

describe("a client that is killed", () => {
  for (let moment = 1; moment <= 12; moment++) {
    it(`in moment ${moment}: nothing verified is lost, and only what was missing comes again`, () =>
      withWorld({ seed: `kill ${moment}` }, async (world) => {
        const sample = createSample();
        const { seed, leecher } = await startPair(world, sample);
        let verified = 0;
        leecher.torrent.on((event) => {
          if (event.type === "piece") verified++;
        });
        await world.run({ untilMs: world.timeMs + 200 + moment * 1170 });
        leecher.host.crash();
        const again = await startAgain(world, leecher.host, sample, seed);
        assert.ok(
          again.believed >= verified,
          `${verified} were verified, ${again.believed} are here`,
        );
        await world.complete(again.torrent.whenComplete(), 600_000);
        assert.ok(holdsContent(again.host, sample));
        const missing = (PIECES - again.believed) * PIECE;
        const { downloadedBytes } = again.torrent.status();
        assert.ok(downloadedBytes <= missing, `${downloadedBytes} came for ${missing} missing`);
      }));
  }

  it("again and again still completes, and never fetches a verified piece twice", () =>
    withWorld({ seed: "kill often" }, async (world) => {
      const sample = createSample();
      const { seed, leecher } = await startPair(world, sample);
      let host = leecher.host;
      let believed = 0;
      for (let run = 0; run < 8; run++) {
        await world.run({ untilMs: world.timeMs + 2500 });
        host.crash();
        const again = await startAgain(world, host, sample, seed);
        assert.ok(again.believed >= believed);
        believed = again.believed;
        host = again.host;
        if (run < 7) continue;
        await world.complete(again.torrent.whenComplete(), 600_000);
        assert.ok(holdsContent(host, sample));
      }
    }));

  it("long after the first pieces: they are believed without hashing them again", () =>
    withWorld({ seed: "kill late" }, async (world) => {
      const sample = createSample();
      const { seed, leecher } = await startPair(world, sample, 20_000);
      await world.run({ untilMs: world.timeMs + 140_000 });
      const { verifiedPieces } = leecher.torrent.status();
      leecher.host.crash();
      const again = await startAgain(world, leecher.host, sample, seed);
      const hashed = again.checkedBytes / PIECE;
      assert.ok(hashed < verifiedPieces * 0.8, `${hashed} pieces of ${verifiedPieces} were hashed`);
    }));
});

describe("a client that is closed in order while it downloads", () => {
  for (let moment = 1; moment <= 6; moment++) {
    it(`in moment ${moment}: it goes on where it was, and hashes nothing again`, () =>
      withWorld({ seed: `close ${moment}` }, async (world) => {
        const sample = createSample();
        // Faster than its disk: writes are always under way.
        const { seed, leecher } = await startPair(world, sample, 2e6);
        let verified = 0;
        leecher.torrent.on((event) => {
          if (event.type === "piece") verified++;
        });
        await world.run({ untilMs: world.timeMs + 300 + moment * 310 });
        await world.complete(leecher.session.close());
        await world.complete(leecher.host.close());
        const again = await startAgain(world, leecher.host, sample, seed);
        assert.ok(again.believed >= verified);
        assert.equal(again.checkedBytes, 0);
        await world.complete(again.torrent.whenComplete(), 600_000);
        assert.ok(holdsContent(again.host, sample));
      }));
  }
});

describe("a machine whose power is cut", () => {
  for (let moment = 1; moment <= 8; moment++) {
    it(`in moment ${moment}: no piece is believed that the disk has lost, and it completes`, () =>
      withWorld({ seed: `power ${moment}` }, async (world) => {
        const sample = createSample();
        const { seed, leecher } = await startPair(world, sample, 20_000);
        await world.run({ untilMs: world.timeMs + moment * 17_000 });
        leecher.host.crash("power");
        await world.run({ untilMs: world.timeMs + 1000 });
        const again = await startAgain(world, leecher.host, sample, seed);
        const good = countGood(again.host, sample);
        assert.ok(again.believed <= good, `${again.believed} are believed, ${good} are good`);
        await world.complete(again.torrent.whenComplete(), 600_000);
        assert.ok(holdsContent(again.host, sample));
      }));
  }

  it("a file that was changed behind our back is found by a recheck, and repaired", () =>
    withWorld({ seed: "tampered" }, async (world) => {
      const sample = createSample();
      const { seed, leecher } = await startPair(world, sample, 2e6);
      await world.complete(leecher.torrent.whenComplete());
      await world.complete(leecher.session.close());
      await world.complete(leecher.host.close());
      const path = `${DATA_DIR}/${sample.metainfo.files[0]!.path.join("/")}`;
      const content = leecher.host.files.read(path)!;
      content[5 * PIECE] = content[5 * PIECE]! ^ 1;
      leecher.host.files.write(path, content);
      const again = await startAgain(world, leecher.host, sample, seed, true);
      assert.equal(again.believed, PIECES - 1);
      await world.complete(again.torrent.whenComplete());
      assert.equal(again.torrent.status().downloadedBytes, PIECE);
      assert.ok(holdsContent(again.host, sample));
    }));
});

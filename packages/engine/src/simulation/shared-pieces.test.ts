import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import type { TorrentEvent } from "../torrent/status.ts";
import { attackOn } from "./hostile-scene.ts";
import { seedScript, spoil } from "./scripted-peer.ts";
import { endpointOf, holdsContent, sampleTorrent, startNode } from "./swarm-world.ts";
import { serveRaw } from "./web-server.ts";

const KIB = 1024;
const SERVER = "10.0.0.9";

const bannedIn = (events: readonly TorrentEvent[]): string[] =>
  events.flatMap((event) => (event.type === "peer-banned" ? [event.address] : []));

describe("a bad piece of several senders", () => {
  for (const version of ["v1", "v2"] as const) {
    it(`${version}: a lying web seed that had part in it is banned, the honest peer is not`, () =>
      withWorld({ seed: 1 }, async (world) => {
        const sample = sampleTorrent({
          version,
          pieceLengthBytes: 64 * KIB,
          fileLengths: [512 * KIB],
        });
        const content = sample.contents[0]!;
        const spoiled = content.slice();
        spoiled[70 * KIB]! ^= 1;
        // It sends a good piece, then half of one with a bad byte, and breaks off for good.
        const ranges = await serveRaw(world.host({ address: SERVER }), (socket, [first, last]) => {
          if (ranges.length > 1) return socket.destroy();
          const head = [
            "HTTP/1.1 206 Partial",
            `content-range: bytes ${first}-${last}/${content.length}`,
            `content-length: ${last - first + 1}`,
          ];
          socket.write(Buffer.from(`${head.join("\r\n")}\r\n\r\n`));
          socket.write(spoiled.subarray(first, 96 * KIB));
          socket.end();
        });
        const { torrent, host } = await startNode(world, {
          host: { address: "10.0.0.2" },
          sample,
          torrent: { webSeeds: [`http://${SERVER}/sample`] },
        });
        const events: TorrentEvent[] = [];
        const onParole: boolean[] = [];
        let isParoled = true;
        torrent.on((event) => {
          events.push(event);
          const [peer] = torrent.peers;
          if (event.type === "piece") isParoled = torrent.peers.some((each) => each.onParole);
          if (peer !== undefined && event.type === "piece-failed") {
            queueMicrotask(() => onParole.push(peer.onParole));
          }
        });
        await world.run({ untilMs: world.timeMs + 3000 });
        assert.equal(torrent.status().verifiedPieces, 1);
        const honest = await startNode(world, {
          host: { address: "10.0.0.1" },
          sample,
          seed: true,
        });
        torrent.addPeers([endpointOf(honest)]);
        await world.complete(torrent.whenComplete(), 60_000);
        assert.ok(holdsContent(host, sample));
        assert.equal(torrent.status().failedPieces, 1);
        assert.deepEqual(
          torrent.webSeeds().map(({ state }) => state),
          ["banned"],
        );
        assert.deepEqual(bannedIn(events), []);
        assert.deepEqual([onParole, isParoled], [[true], false]);
        await world.complete(torrent.close());
      }));
  }

  it("puts its senders on parole: the honest one is cleared by a good piece of its own, the liar stays out", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const { torrent } = scene.victim;
        const failures: (readonly string[])[] = [];
        const paroled = new Set<string>();
        let isParoled = true;
        torrent.on((event) => {
          if (event.type === "piece") isParoled = torrent.peers.some(({ onParole }) => onParole);
          if (event.type !== "piece-failed") return;
          failures.push(event.peers);
          // They are put on parole once this is told.
          queueMicrotask(() => {
            for (const { onParole, remote } of torrent.peers)
              if (onParole) paroled.add(remote.address);
          });
        });
        const liar = scene.host();
        let blocks = 0;
        // A good piece, then half of a bad one; and it is gone, so that others have to complete that.
        const first = await scene.attack(
          seedScript(scene.sample, {
            answer(block) {
              if (++blocks < 6) return block;
              if (blocks > 6) return null;
              queueMicrotask(() => first.socket.end());
              return spoil(block);
            },
          }),
          liar,
        );
        await scene.pass(2000);
        assert.ok(first.isClosed);
        const honest = await scene.honest();
        torrent.addPeers([endpointOf(honest)]);
        await scene.world.complete(torrent.whenComplete());
        const [both] = failures;
        assert.deepEqual(new Set(both), new Set([liar.address, honest.host.address]));
        assert.equal(failures.length, 1);
        assert.deepEqual([...paroled], [honest.host.address]);
        assert.equal(isParoled, false);
        assert.deepEqual(bannedIn(scene.events), [liar.address]);
        const again = await scene.attack(seedScript(scene.sample), liar);
        await scene.pass(1000);
        assert.ok(again.isClosed);
      },
      { version: "v1" },
    ));
});

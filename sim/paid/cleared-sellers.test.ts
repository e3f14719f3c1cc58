import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  listenScripted,
  seedScript,
  spoil,
} from "../../packages/engine/src/simulation/scripted-peer.ts";
import { endpointOf, startNode } from "../../packages/engine/src/simulation/swarm-world.ts";
import { inPair } from "./pair.ts";

const MIB = 1024 * 1024;

suite("sellers that had part in a bad piece", () => {
  for (const version of ["v1", "v2"] as const) {
    test(
      `${version}: whoever is cleared is paid again, and for all that it sent`,
      inPair(
        async (pair) => {
          const { world, sample } = pair;
          await pair.startSeller();
          const liar = world.host({ address: "10.0.0.66", upBytesPerSecond: 100_000 });
          let lies = 0;
          // It begins a piece, and leaves the rest of it to others.
          const answer = (block: Uint8Array): Uint8Array | null => {
            if (lies++ > 0) return null;
            liar.clock.setTimer(1000, () => {
              for (const { socket } of liars.peers) socket.destroy();
            });
            return spoil(block);
          };
          const script = seedScript(sample, { answer });
          const liars = await world.complete(listenScripted(liar, 6881, script));
          await pair.startBuyer();
          /** With the window of that moment: what could be sent and never paid. */
          const spentAtFailure: bigint[] = [];
          pair.leecher.torrent.on((event) => {
            if (event.type === "piece-failed" && event.peers.includes("10.0.0.1")) {
              spentAtFailure.push(pair.spent + pair.windowWei);
            }
          });
          // An honest seed beside them, so that the piece can be had from somebody.
          const third = await startNode(world, {
            host: { address: "10.0.0.3", upBytesPerSecond: 50_000 },
            sample,
            seed: true,
          });
          await world.run({ until: () => pair.spent > 0n, limitMs: 60_000 });
          pair.leecher.torrent.addPeers([{ address: "10.0.0.66", port: 6881 }, endpointOf(third)]);
          await pair.complete();
          assert.equal(spentAtFailure.length, 1, "the seller had no part in a bad piece");
          assert.ok(pair.spent > spentAtFailure[0]!);
          const [claim] = pair.claims.all();
          assert.equal(claim!.total, pair.spent);
          const [trade] = [...pair.seller.inUse.values()];
          assert.equal(trade?.account?.unpaid ?? 0n, 0n);
          assert.equal(claim!.debt, 0n);
          await world.complete(third.session.close());
          await pair.close();
        },
        { version, lengthBytes: 4 * MIB },
      ),
    );
  }
});

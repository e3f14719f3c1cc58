import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Aria2 } from "../bench/clients/aria2.ts";
import { startLibtorrent } from "../bench/clients/libtorrent.ts";
import { createNamespace } from "../bench/clients/namespace.ts";
import { Transmission } from "../bench/clients/transmission.ts";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal, startTracker } from "./shoal.ts";

const needs = await needClients("libtorrent", "aria2", "transmission", "iproute2");

suite("a mixed swarm", needs, () => {
  test("libtorrent, aria2, transmission and shoal get a torrent from one seed", async (t) => {
    const scope = openScope(t);
    // Every one of them is reached at the address that faces transmission's namespace.
    const namespace = await createNamespace(scope);
    const { outsideAddress: host } = namespace;
    const { http } = await startTracker(scope, host);
    const dir = await writeSample(scope, 4);
    const options = ["--v1", "--piece-length", PIECE_LENGTH, "--tracker", http];
    const made = await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...options);
    const source = made.torrent;
    await Shoal.seed(scope, { torrent: source, dir, host });

    const folders = await Promise.all(Array.from({ length: 4 }, () => scope.folder()));
    const [ofLibtorrent, ofAria2, ofTransmission, ofShoal] = folders as [
      string,
      string,
      string,
      string,
    ];
    const [libtorrent, aria2, transmission, shoal] = await Promise.all([
      startLibtorrent({ source, dir: ofLibtorrent, host, encryption: "allow" }, { scope }),
      Aria2.start({ source, dir: ofAria2 }, { scope }),
      Transmission.start(
        { source, dir: ofTransmission, encryption: "allow" },
        { scope, inNamespace: namespace },
      ),
      Shoal.get(scope, { source, dir: ofShoal, host }, "--seed"),
    ]);
    await Promise.all([
      libtorrent.whenComplete(),
      aria2.whenComplete(),
      transmission.whenComplete(),
      shoal.waitForEvent("complete"),
    ]);
    await assertSameFiles(dir, ofLibtorrent);
    await assertSameFiles(dir, ofAria2);
    await assertSameFiles(dir, ofTransmission, { except: ["empty"] });
    await assertSameFiles(dir, ofShoal);
    assert.equal((await shoal.stop("SIGINT")).code, 130);
  });
});

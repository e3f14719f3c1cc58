import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { startSmallDht, untilAnnounced } from "./small-dht.ts";
import { createWorkspace, patternBytes } from "./workspace.ts";

const LOCAL = ["--host", "127.0.0.1"];

suite("peers without a server", () => {
  test("a magnet link alone finds its seed through the DHT", async (t) => {
    const { dht, way } = await startSmallDht(t);
    const shell = createWorkspace(t);
    const content = patternBytes(300_000, 7);
    shell.write("film.bin", content);
    const { magnet, infoHashV1 } = await shell.json(["create", "film.bin"]);
    const seeder = shell.start(["seed", "film.bin.torrent", "--dir", ".", ...way], "seeder");
    await seeder.waitFor("listening");
    await untilAnnounced(dht, infoHashV1 as string);

    const got = await shell.run(["get", magnet as string, "--dir", "downloads", ...way]);
    assert.equal(got.exitCode, 0, got.stderr);
    assert.deepEqual(new Uint8Array(readFileSync(shell.path("downloads", "film.bin"))), content);
    // Whom it met there it remembers: nobody has to name a way in again.
    const again = await shell.run(["get", magnet as string, "--dir", "more", ...LOCAL]);
    assert.equal(again.exitCode, 0, again.stderr);
  });

  test("a magnet link alone finds its seed in the local network", async (t) => {
    const shell = createWorkspace(t, { isInNetwork: true });
    const content = patternBytes(300_000, 8);
    shell.write("song.bin", content);
    const { magnet } = await shell.json(["create", "song.bin"]);
    const local = [...LOCAL, "--no-dht", "--no-pex"];
    const get = ["get", magnet as string, "--dir", "downloads", ...local];
    const getter = shell.start(get, "getter");
    await getter.waitFor("listening");
    // Whoever comes later announces itself, and the other one hears it.
    const seeder = shell.start(["seed", "song.bin.torrent", "--dir", ".", ...local], "seeder");
    const { exitCode, stderr } = await getter.ended;
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(new Uint8Array(readFileSync(shell.path("downloads", "song.bin"))), content);
    seeder.kill("SIGTERM");
    assert.equal((await seeder.ended).exitCode, 0);
  });
});

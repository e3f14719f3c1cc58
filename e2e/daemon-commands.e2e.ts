import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { suite, test } from "node:test";
import { needClients } from "./clients.ts";
import { configure, startDaemon } from "./daemon.ts";
import { createWorkspace, patternBytes } from "./quick/workspace.ts";

interface Listed {
  readonly torrents: readonly { readonly infoHash: string; readonly state: string }[];
}

const NEEDS = await needClients("transmission-remote");

suite("one daemon", { ...NEEDS, timeout: 240_000 }, () => {
  test("is driven by the command line and by transmission-remote alike", async (t) => {
    const space = createWorkspace(t);
    configure(space, "node", { chain: { embedded: false } });
    space.write("files/film.bin", patternBytes(3 * 2 ** 20, 1));
    await space.run(["create", "files/film.bin", "-o", "film.torrent", "--private"]);
    const shoal = async (...args: readonly string[]) => {
      const ran = await space.run([...args, "--json"], "node");
      assert.equal(ran.exitCode, 0, ran.stderr);
      return JSON.parse(ran.stdout) as Record<string, unknown>;
    };
    // At rest first: what is added goes on once the daemon runs.
    const { torrents } = (await shoal(
      "add",
      "film.torrent",
      "--dir",
      "files",
    )) as unknown as Listed;
    assert.equal(torrents[0]!.state, "queued");

    const daemon = await startDaemon(space, "node");
    const { url } = await daemon.process.waitFor("listening");
    const remote = (...args: readonly string[]): string =>
      execFileSync("transmission-remote", [new URL(String(url)).host, ...args], {
        encoding: "utf8",
      });
    const { infoHash } = torrents[0]!;
    const until = async (state: string): Promise<void> => {
      const events = [state, "error"];
      for (;;) {
        const { state: now } = await daemon.client.call("getTorrent", { infoHash });
        if (events.includes(now)) return assert.equal(now, state);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    await until("seeding");
    assert.match(remote("--list"), /100%.*film\.bin/);
    remote("--torrent", "1", "--stop");
    const stopped = (await shoal("ls")) as unknown as Listed;
    assert.equal(stopped.torrents[0]!.state, "paused");
    await shoal("resume", "film.bin");
    await until("seeding");
    assert.match(remote("--torrent", infoHash, "--info"), /State: (?:Seeding|Idle)/);
    await shoal("limit", "--up", "500K");
    const { value } = await shoal("config", "speed.uploadLimit");
    assert.equal(value, 512_000);

    const asked = await space.run(["rm", "film.bin", "--files"], "node");
    assert.equal(asked.exitCode, 2, "without a terminal nobody has said yes");
    assert.ok(existsSync(space.path("files/film.bin")));
    await shoal("rm", "film.bin", "--files", "--yes");
    assert.equal(existsSync(space.path("files/film.bin")), false);
    assert.equal(((await shoal("ls")) as unknown as Listed).torrents.length, 0);
    const missing = await space.run(["show", "film.bin"], "node");
    assert.equal(missing.exitCode, 4);
    await daemon.end("SIGTERM");
    const gone = await space.run(["top"], "node");
    assert.equal(gone.exitCode, 3);
  });
});

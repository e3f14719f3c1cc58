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

suite("web sites at the daemon's wallet", { timeout: 240_000 }, () => {
  test("are let in, listed and cut off at the command line", async (t) => {
    const space = createWorkspace(t);
    configure(space, "node", { chain: { embedded: true } });
    const daemon = await startDaemon(space, "node");
    const { url } = await daemon.process.waitFor("listening");
    const words = `${"abandon ".repeat(11)}about`;
    space.write("pass.txt", "a long password\n");
    await daemon.client.call("setPassword", { password: "correct horse" });
    await daemon.client.call("createWallet", { name: "main", password: "a long password", words });
    const shoal = async (...args: readonly string[]) => {
      const ran = await space.run(["sites", ...args, "--json"], "node");
      assert.equal(ran.exitCode, 0, ran.stderr);
      return { ...(JSON.parse(ran.stdout) as Asked), stderr: ran.stderr };
    };
    let token = "";
    const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
      const response = await fetch(new URL("/provider/rpc", String(url)), {
        method: "POST",
        headers: {
          ...{ origin: "https://app.example", "content-type": "application/json" },
          ...(token !== "" && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ method, params }),
      });
      const answer = (await response.json()) as { result?: unknown; token?: string };
      token = answer.token ?? token;
      return answer.result;
    };
    /** The request that waits, as soon as the command line shows it. */
    const waiting = async () => {
      for (;;) {
        const [request] = (await shoal("requests")).requests ?? [];
        if (request !== undefined) return request;
      }
    };
    const connecting = ask("eth_requestAccounts");
    const { id, kind } = await waiting();
    assert.equal(kind, "connect");
    await shoal("allow", id.slice(0, 8), "--yes");
    const [address] = (await connecting) as string[];
    const [site] = (await shoal()).sites ?? [];
    assert.deepEqual([site?.origin, site?.address], ["https://app.example", address]);
    const signing = ask("personal_sign", "hello", address);
    const shown = await shoal(
      "allow",
      (await waiting()).id,
      "--yes",
      "--password-file",
      "pass.txt",
    );
    assert.match(shown.stderr, /text: hello/);
    assert.match(String(await signing), /^0x[0-9a-f]{130}$/);
    const refused = ask("personal_sign", "hello", address);
    await shoal("deny", (await waiting()).id);
    assert.equal(await refused, undefined);
    await shoal("disconnect", "https://app.example/");
    assert.deepEqual(await ask("eth_accounts"), []);
    await daemon.end("SIGTERM");
  });
});

interface Asked {
  readonly sites?: readonly { readonly origin: string; readonly address: string }[];
  readonly requests?: readonly { readonly id: string; readonly kind: string }[];
}

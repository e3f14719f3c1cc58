import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createWorkspace, patternBytes } from "./quick/workspace.ts";

const DAY_MS = 86_400_000;

suite("rewards and bounties", () => {
  test("a bounty is funded, topped up, listed, audited and attested; a day that is not over is not paid; no rewards yet", async (t) => {
    const space = createWorkspace(t);
    space.write("pass", "correct horse battery staple\n");
    const chain = space.start(["chain", "start", "--port", "0"]);
    const { http } = await chain.waitFor("listening");
    const rpc = ["--rpc", String(http)];
    const wallet = ["--name", "ann", "--password-file", "pass"];
    const made = await space.json(["wallet", "create", ...wallet]);
    const ann = String(made.address);
    await space.json(["wallet", "faucet", "--name", "ann", ...rpc]);
    const sign = [...wallet, "--yes", ...rpc];
    assert.equal((await space.json(["contracts", "deploy", ...sign])).exitCode, 0);

    const torrent = "7e".repeat(20);
    const pot = ["--amount", "300", "--per-day", "10", "--auditor", ann];
    const funded = await space.json(["bounty", "fund", torrent, ...pot, ...sign]);
    assert.equal(funded.id, "1");
    const { bounties } = await space.json(["bounty", "list", ...rpc]);
    const [bounty, ...others] = bounties as Record<string, unknown>[];
    assert.deepEqual(others, []);
    assert.equal(bounty?.potWei, `300${"0".repeat(18)}`);
    assert.equal(bounty?.torrent, torrent.padEnd(64, "0"));
    assert.equal(bounty?.funder, ann);
    const more = await space.json(["bounty", "top-up", "1", "--amount", "12.5", ...sign]);
    assert.equal(more.potWei, `3125${"0".repeat(17)}`);
    const early = await space.run(["bounty", "refund", "1", ...sign]);
    assert.equal(early.exitCode, 1);
    assert.match(early.stderr, /refuses/);

    const day = String(bounty?.startDay);
    assert.ok(Number(day) * DAY_MS <= Date.now());
    const report = ["--day", day, "--seeder", ann, "--auditor", ann, "--output", "day.json"];
    const attested = await space.json(["bounty", "attest", "1", ...report, ...wallet, ...rpc]);
    assert.equal(attested.exitCode, 0);
    const claimed = await space.run(["bounty", "claim", "day.json", ...sign]);
    assert.equal(claimed.exitCode, 1);
    assert.match(claimed.stderr, /refuses/);

    space.write("film.bin", patternBytes(2 ** 20, 1));
    assert.equal((await space.json(["create", "film.bin", "-o", "film.torrent"])).exitCode, 0);
    await space.json(["bounty", "fund", "film.torrent", ...pot, ...sign]);
    const host = ["--host", "127.0.0.1"];
    const selling = ["--sell", "--wallet", "ann", "--password-file", "pass", ...rpc];
    const seed = space.start(["seed", "film.torrent", "--dir", ".", ...host, ...selling]);
    const { port } = await seed.waitFor(({ magnet }) => magnet !== undefined);
    const asked = ["--auditor", ann, "--output", "audit.json", "--challenges", "2", ...host];
    const seeders = ["--peer", `127.0.0.1:${String(port)}`];
    const audit = ["film.torrent", ...asked, ...seeders, ...wallet, ...rpc];
    const wrong = await space.run(["bounty", "audit", "1", ...audit]);
    assert.equal(wrong.exitCode, 2);
    const audited = await space.json(["bounty", "audit", "2", ...audit]);
    assert.equal(audited.exitCode, 0);
    const [seen] = audited.audits as { account: string; failure: null; challenges: unknown[] }[];
    assert.deepEqual([seen!.account, seen!.failure, seen!.challenges.length], [ann, null, 2]);
    assert.match(readFileSync(space.path("audit.json"), "utf8"), new RegExp(ann.slice(2), "i"));
    seed.kill("SIGINT");
    await seed.ended;

    const status = await space.json(["rewards", "status", "--name", "ann", ...rpc]);
    assert.deepEqual([status.exitCode, status.rewards], [0, []]);
    const receipts = await space.json(["rewards", "attribute", ...wallet, ...rpc]);
    assert.equal(receipts.receipts, 0);
    assert.equal((await space.json(["rewards", "compute", ...rpc])).exitCode, 4);
  });
});

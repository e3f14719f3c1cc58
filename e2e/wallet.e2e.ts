import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { suite, test } from "node:test";
import type { TestContext } from "node:test";
import { createWorkspace, type Workspace } from "./quick/workspace.ts";

const PASSWORD = "correct horse battery staple";

/** A workspace with a chain of its own and a password file. */
async function startChain(t: TestContext) {
  const space = createWorkspace(t);
  space.write("pass", `${PASSWORD}\n`);
  const chain = space.start(["chain", "start", "--port", "0"]);
  const { http } = await chain.waitFor("listening");
  return { space, chain, rpc: ["--rpc", String(http)] };
}

const KEYS = ["--password-file", "pass"];

async function create(space: Workspace, name: string): Promise<string> {
  const made = await space.json(["wallet", "create", "--name", name, ...KEYS]);
  assert.equal(made.exitCode, 0);
  return String(made.address);
}

suite("wallet", { concurrency: false }, () => {
  test("a newcomer makes a wallet, gets play money, sends it, and sees an exact history", async (t) => {
    const { space, rpc } = await startChain(t);
    const ann = await create(space, "ann");
    const bob = await create(space, "bob");
    await space.json(["wallet", "faucet", "--name", "ann", ...rpc]);
    const amount = "12.000000000000000001";
    const send = ["wallet", "send", bob, amount, "--name", "ann", ...KEYS, "--yes", ...rpc];
    const sent = await space.json(send);
    assert.equal(sent.exitCode, 0);
    assert.equal(sent.state, "final");
    const balance = await space.json(["wallet", "balance", "--name", "ann", ...rpc]);
    assert.equal(balance.address, ann);
    assert.equal(balance.network, "embedded");
    assert.equal(balance.btt, "9987.999999999999999999");
    const other = await space.json(["wallet", "balance", "--name", "bob", ...rpc]);
    assert.equal(other.btt, amount);
    const history = await space.json(["wallet", "history", "--name", "ann", ...rpc]);
    const entries = history.entries as Record<string, unknown>[];
    assert.deepEqual(
      entries.map(({ direction, amount, state }) => [direction, amount, state]),
      [
        ["out", amount, "final"],
        ["in", "10000", "final"],
      ],
    );
    assert.equal(entries[0]!.with, bob);
    assert.equal(entries[0]!.transaction, sent.transaction);

    const tooMuch = ["wallet", "send", bob, "10000", "--name", "ann", ...KEYS, "--yes", ...rpc];
    assert.equal((await space.json(tooMuch)).exitCode, 5);

    // The words bring the same account back, and nothing but the file that was asked for has them.
    const words = ["wallet", "export", "--name", "ann", ...KEYS, "--as", "words"];
    const exported = await space.run([...words, "--output", "words.txt"]);
    assert.equal(exported.exitCode, 0);
    assert.equal(statSync(space.path("words.txt")).mode & 0o777, 0o600);
    const mnemonic = readFileSync(space.path("words.txt"), "utf8").trim();
    const restored = await space.json([
      ...["wallet", "restore", "--name", "again", "--mnemonic-file", "words.txt", ...KEYS],
    ]);
    assert.equal(restored.address, ann);
    assert.ok(!`${exported.stdout}${exported.stderr}`.includes(mnemonic.split(" ")[0]!));
  });

  test("a payment with a name is made once, though its command is killed and given again", async (t) => {
    const { space, rpc } = await startChain(t);
    await create(space, "ann");
    const bob = await create(space, "bob");
    await space.json(["wallet", "faucet", "--name", "ann", ...rpc]);
    const send = ["wallet", "send", bob, "5", "--name", "ann", ...KEYS, "--yes", ...rpc];
    const named = [...send, "--key", "invoice 7"];
    const first = space.start([...named, "--wait", "none"]);
    await Promise.race([first.waitFor("result").catch(() => {}), first.ended]);
    first.kill("SIGKILL");
    await first.ended;
    const ids = new Set<unknown>();
    for (let times = 0; times < 2; times++) ids.add((await space.json(named)).transaction);
    assert.equal(ids.size, 1);
    const { btt } = await space.json(["wallet", "balance", "--name", "bob", ...rpc]);
    assert.equal(btt, "5");
  });

  test("contracts are deployed once, at addresses that are known before, and are as compiled", async (t) => {
    const { space, rpc } = await startChain(t);
    await create(space, "ann");
    await space.json(["wallet", "faucet", "--name", "ann", ...rpc]);
    const deploy = ["contracts", "deploy", "--name", "ann", ...KEYS, ...rpc];
    type Contracts = { name: string; address: string; state: string }[];
    const planned = await space.json([...deploy, "--dry-run"]);
    const deployed = await space.json([...deploy, "--yes"]);
    assert.equal(deployed.exitCode, 0);
    const again = await space.json([...deploy, "--yes"]);
    const addresses = (run: Record<string, unknown>) =>
      (run.contracts as Contracts).map(({ name, address }) => [name, address]);
    assert.deepEqual(addresses(deployed), addresses(planned));
    assert.deepEqual(addresses(again), addresses(planned));
    assert.deepEqual(
      new Set((again.contracts as Contracts).map(({ state }) => state)),
      new Set(["there"]),
    );
    assert.equal((await space.json(["contracts", "verify", ...rpc])).exitCode, 0);
  });

  test("where no chain runs it says how to start one, and secrets never come from the command line", async (t) => {
    const space = createWorkspace(t);
    space.write("pass", PASSWORD);
    space.write("wrong", "another password altogether");
    await create(space, "ann");
    const nowhere = ["--rpc", "http://127.0.0.1:9"];
    const balance = await space.run(["wallet", "balance", "--name", "ann", ...nowhere]);
    assert.equal(balance.exitCode, 3);
    assert.match(balance.stderr, /shoal chain start/);
    assert.equal((await space.run(["wallet", "create", "--name", "bob"])).exitCode, 2);
    const wrong = ["wallet", "backup", "--name", "ann", "--password-file", "wrong"];
    const refused = await space.run([...wrong, "--output", "backup.json"]);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /not the password/);
    assert.ok(!refused.stderr.includes("another password"));
    const help = await space.run(["wallet", "send", "--help"]);
    assert.doesNotMatch(help.stdout, /--(password|mnemonic|private-key)[ =<]/);
  });
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test, type TestContext } from "node:test";
import { createWorkspace, patternBytes, type Workspace } from "./quick/workspace.ts";

const HOST = "127.0.0.1";
const KEYS = ["--password-file", "pass"];
const BTT = 10n ** 18n;
const FILE_BYTES = 12 * 2 ** 20 + 4321;

/** A chain, a seller and a buyer, each with a wallet and a home of its own. */
async function openMarket(t: TestContext) {
  const space = createWorkspace(t);
  space.write("pass", "correct horse battery staple\n");
  const content = patternBytes(FILE_BYTES, 1);
  space.write("film.bin", content);
  const made = await space.run(["create", "film.bin", "-o", "film.torrent"]);
  assert.equal(made.exitCode, 0, made.stderr);
  const chain = space.start(["chain", "start", "--port", "0"], "chain");
  const { http } = await chain.waitFor("listening");
  const rpc = ["--rpc", String(http)];
  for (const who of ["seller", "buyer"]) {
    for (const what of [
      ["create", ...KEYS],
      ["faucet", ...rpc],
    ]) {
      const ran = await space.run(["wallet", ...what, "--name", who], who);
      assert.equal(ran.exitCode, 0, ran.stderr);
    }
  }
  return { space, rpc, content, chain };
}

async function seed(space: Workspace, rpc: readonly string[]) {
  const seller = space.start(
    [
      ...["seed", "film.torrent", "--dir", ".", "--host", HOST, "--max-up", "2M"],
      ...["--sell", "--min-price", "0.001", "--wallet", "seller", ...KEYS, ...rpc],
    ],
    "seller",
  );
  const { port } = await seller.waitFor(
    ({ event, magnet }) => event === "listening" && magnet !== undefined,
  );
  return { seller, peer: ["--peer", `${HOST}:${String(port)}`] };
}

const get = (rpc: readonly string[]): string[] => [
  ...["get", "film.torrent", "--dir", "got", "--host", HOST],
  ...["--pay", "--bid", "0.002", "--wallet", "buyer", ...KEYS, ...rpc],
];

async function status(space: Workspace, who: string, rpc: readonly string[]) {
  const ran = await space.run(["speed", "status", "--wallet", who, ...rpc, "--json"], who);
  assert.equal(ran.exitCode, 0, ran.stderr);
  return JSON.parse(ran.stdout) as Record<string, string> & { openChannels: number };
}

async function balance(space: Workspace, who: string, rpc: readonly string[]): Promise<bigint> {
  const ran = await space.run(["wallet", "balance", "--name", who, ...rpc, "--json"], who);
  const [whole, part = ""] = (JSON.parse(ran.stdout) as { btt: string }).btt.split(".");
  return BigInt(whole!) * BTT + BigInt(part.padEnd(18, "0"));
}

suite("paid bandwidth", { timeout: 240_000, concurrency: false }, () => {
  test("a download is paid as it comes, and what chain, seller and buyer count agrees to the wei", async (t) => {
    const { space, rpc, content } = await openMarket(t);
    const { seller, peer } = await seed(space, rpc);
    const got = await space.run([...get(rpc), "--receipts", ...peer], "buyer");
    assert.equal(got.exitCode, 0, got.stderr);
    assert.equal(Buffer.compare(readFileSync(space.path("got", "film.bin")), content), 0);
    seller.kill("SIGINT");
    await seller.ended;
    const [paid, earned] = [await status(space, "buyer", rpc), await status(space, "seller", rpc)];
    const total = BigInt(paid.paidWei!);
    assert.equal(earned.earnedWei, paid.paidWei);
    assert.equal(paid.openChannels, 1);
    const price = (2n * BTT) / 1000n;
    const most = (BigInt(FILE_BYTES) * price) / 2n ** 20n;
    assert.ok(total > 0n && total <= most, `${total} of ${most}`);

    const redeem = ["speed", "redeem", "--wallet", "seller", ...KEYS, ...rpc];
    const redeemed = await space.run(redeem, "seller");
    assert.equal(redeemed.exitCode, 0, redeemed.stderr);
    assert.equal(await balance(space, "seller", rpc), 10_000n * BTT + total - total / 20n);
    const after = await status(space, "seller", rpc);
    assert.equal(after.unredeemedWei, "0");
    assert.equal(after.feeWei, String(total / 20n));
    const attribute = ["rewards", "attribute", "--name", "seller", ...KEYS, ...rpc, "--json"];
    const written = await space.run(attribute, "seller");
    assert.equal((JSON.parse(written.stdout) as { receipts: number }).receipts, 1);
    const { reservedWei, freeWei } = await status(space, "buyer", rpc);
    const spent = 10_000n * BTT - (await balance(space, "buyer", rpc));
    assert.equal(spent, total + BigInt(reservedWei!) + BigInt(freeWei!));
  });

  test("a seller that is killed has what it was paid for, but for a window", async (t) => {
    const { space, rpc, content } = await openMarket(t);
    const first = await seed(space, rpc);
    const buyer = space.start([...get(rpc), ...first.peer], "buyer");
    let paid = 0n;
    await buyer.waitFor(({ event, wei }) => {
      if (event === "paid") paid += BigInt(String(wei));
      return paid > BTT / 200n;
    });
    first.seller.kill("SIGKILL");
    await first.seller.ended;
    const again = await seed(space, rpc);
    buyer.kill("SIGINT");
    await buyer.ended;
    const got = await space.run([...get(rpc), ...again.peer], "buyer");
    assert.equal(got.exitCode, 0, got.stderr);
    assert.equal(Buffer.compare(readFileSync(space.path("got", "film.bin")), content), 0);
    again.seller.kill("SIGINT");
    await again.seller.ended;
    const [spent, earned] = [await status(space, "buyer", rpc), await status(space, "seller", rpc)];
    // 50 ms of vouchers may be lost with the seller, and are paid again as the debt that they were.
    const lost = BigInt(spent.paidWei!) - BigInt(earned.earnedWei!);
    assert.ok(lost >= 0n && lost <= BTT / 100n, `${lost} wei`);
    assert.ok(BigInt(earned.earnedWei!) > BTT / 200n);
  });
});

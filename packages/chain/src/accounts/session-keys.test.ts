import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { keccak256, recoverAddress, toHex } from "viem";
import type { Clock, Runtime } from "@shoal/runtime";
import { createNodeRuntime, openPrivateFolder } from "@shoal/runtime/node";
import { toAddress } from "../network/address.ts";
import type { Asset } from "../network/network-info.ts";
import { SessionKeys, type SessionTerms } from "./session-keys.ts";
import type { SigningRequest } from "./signer.ts";

const BTT: Asset = { kind: "token", address: toAddress(`0x${"b7".repeat(20)}`) };
const DAY_MS = 86_400_000;

suite("session keys", () => {
  let root = "";
  let runtime: Runtime;
  let nowMs = 1_800_000_000_000;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "shoal-session-"));
    runtime = await createNodeRuntime({ storePath: join(root, "shoal.db") });
    nowMs = 1_800_000_000_000;
  });
  afterEach(async () => {
    await runtime.close();
    rmSync(root, { recursive: true });
  });

  const open = (other: Runtime = runtime) => {
    const clock: Clock = { ...runtime.clock, nowMs: () => nowMs };
    const folder = openPrivateFolder(join(root, "device"));
    return SessionKeys.open({ store: other.store, folder, random: runtime.random, clock });
  };
  const terms = (change: Partial<SessionTerms> = {}): SessionTerms => ({
    owner: toAddress(`0x${"aa".repeat(20)}`),
    chainId: 7,
    purposes: ["voucher"],
    limits: [{ asset: BTT, amount: 1000n, windowMs: null }],
    expiresAtMs: nowMs + 30 * DAY_MS,
    ...change,
  });
  const voucher = (amount: bigint, change: Partial<SigningRequest> = {}): SigningRequest => ({
    purpose: "voucher",
    digest: keccak256(toHex("voucher")),
    chainId: 7,
    spends: [{ asset: BTT, amount }],
    summary: "pay",
    ...change,
  });

  test("signs by its own key up to its limit, and not a unit beyond it", async () => {
    const keys = await open();
    const { address } = await keys.create(terms());
    const signer = await keys.signer(address);
    const signature = await signer.sign(voucher(600n));
    const signedBy = await recoverAddress({ hash: voucher(1n).digest, signature });
    assert.equal(toAddress(signedBy), address);
    await signer.sign(voucher(400n));
    await assert.rejects(signer.sign(voucher(1n)), { code: "limit-exceeded" });
    await signer.sign(voucher(0n));
  });

  test("what was spent counts after a restart, and beside other processes", async () => {
    const { address } = await (await open()).create(terms());
    const other = await createNodeRuntime({ storePath: join(root, "shoal.db") });
    try {
      const signers = [
        await (await open()).signer(address),
        await (await open(other)).signer(address),
      ];
      const signs = await Promise.allSettled(
        Array.from({ length: 40 }, (_, at) => signers[at % 2]!.sign(voucher(50n))),
      );
      assert.equal(signs.filter(({ status }) => status === "fulfilled").length, 20);
    } finally {
      await other.close();
    }
    const again = await (await open()).signer(address);
    await assert.rejects(again.sign(voucher(50n)), { code: "limit-exceeded" });
  });

  test("many small spendings never add up to more than the limit, whenever it is killed", async () => {
    const { address } = await (await open()).create(terms());
    let spent = 0n;
    for (let life = 0; life < 100; life++) {
      const signer = await (await open()).signer(address);
      for (let times = 0; times < 7; times++) {
        const isSigned = await signer.sign(voucher(1n)).then(
          () => true,
          () => false,
        );
        if (isSigned) spent++;
      }
    }
    assert.ok(spent <= 1000n && spent >= 300n, `${spent}`);
  });

  test("a limit for a time is free again after it, and never sooner", async () => {
    const limits = [{ asset: BTT, amount: 1000n, windowMs: DAY_MS }];
    const keys = await open();
    const { address } = await keys.create(terms({ limits }));
    const signer = await keys.signer(address);
    await signer.sign(voucher(1000n));
    nowMs += DAY_MS - 1;
    await assert.rejects(signer.sign(voucher(1n)), { code: "limit-exceeded" });
    nowMs += DAY_MS / 32;
    await signer.sign(voucher(1000n));
  });

  test("signs nothing else: no other purpose, chain or asset, and nothing after its end", async () => {
    const keys = await open();
    const { address } = await keys.create(terms());
    const signer = await keys.signer(address);
    const refused: [Partial<SigningRequest>, string][] = [
      [{ purpose: "transaction" }, "not-allowed"],
      [{ chainId: 1 }, "not-allowed"],
      [{ chainId: null }, "not-allowed"],
      [{ spends: [{ asset: { kind: "coin" }, amount: 1n }] }, "limit-exceeded"],
    ];
    for (const [change, code] of refused)
      await assert.rejects(signer.sign(voucher(1n, change)), { code });
    nowMs += 31 * DAY_MS;
    await assert.rejects(signer.sign(voucher(1n)), { code: "expired" });
  });

  test("ends at once when it is revoked, and all of them when the device is locked", async () => {
    const keys = await open();
    const [one, two] = [await keys.create(terms()), await keys.create(terms())];
    const signers = [await keys.signer(one.address), await keys.signer(two.address)];
    await keys.revoke(one.address);
    await assert.rejects(signers[0]!.sign(voucher(1n)), { code: "locked" });
    await signers[1]!.sign(voucher(1n));
    await keys.lock();
    await assert.rejects(signers[1]!.sign(voucher(1n)), { code: "locked" });
    await assert.rejects(keys.signer(two.address), { code: "locked" });
    assert.deepEqual(
      (await keys.list()).map(({ isRevoked }) => isRevoked),
      [true, true],
    );
  });

  test("terms that somebody changes in the store are noticed", async () => {
    const keys = await open();
    const { address } = await keys.create(terms());
    const tables = await runtime.store.open({ name: "chain_sessions", migrations: [""] });
    const sql = `UPDATE chain_sessions SET terms = replace(terms, '"1000"', '"9999999"')`;
    await tables.commit([{ sql }]);
    await assert.rejects(keys.signer(address), { code: "tampered" });
  });
});

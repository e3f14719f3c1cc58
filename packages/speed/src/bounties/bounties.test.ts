import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import {
  type Address,
  balanceOf,
  deployContract,
  EMBEDDED_BTT_ADDRESS,
  type Intent,
  KeySigner,
  openEmbeddedChain,
  openNetwork,
  readContract,
  RevertError,
  Sender,
} from "@shoal/chain";
import { seedBountiesAbi, seedBountiesArtifact } from "@shoal/contracts";
import type { Clock } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { hexOf } from "../settlement/hex-of.ts";
import { Attestations } from "./attestations.ts";
import { BountiesContract } from "./bounties-contract.ts";
import { type BountyTerms, DAY_SECONDS, type DayReport } from "./bounty.ts";

const BTT = 10n ** 18n;
const DAY_MS = DAY_SECONDS * 1000;
const TORRENT = "7e".repeat(32);

const signerOf = (number: number) => new KeySigner(new Uint8Array(32).fill(number));

async function openScene() {
  const folder = await mkdtemp(join(tmpdir(), "shoal-bounties-"));
  const runtime = await createNodeRuntime({ logLevel: "error", storePath: join(folder, "store") });
  let aheadMs = 0;
  const clock: Clock = {
    nowMs: () => runtime.clock.nowMs() + aheadMs,
    monotonicMs: () => runtime.clock.monotonicMs(),
    setTimer: (delayMs, callback) => runtime.clock.setTimer(delayMs, callback),
    setRepeating: (periodMs, callback) => runtime.clock.setRepeating(periodMs, callback),
  };
  const chain = await openEmbeddedChain({ ...runtime, clock, folder: join(folder, "chain") });
  const network = await openNetwork("embedded", { http: runtime.http, embedded: chain });
  const sender = await Sender.open(network, runtime.store, clock);
  const funder = signerOf(1);
  await chain.request({ method: "shoal_faucet", params: [funder.address] });
  const confirm = async (intent: Intent) => {
    const sent = await sender.send(intent, funder);
    const status = await sender.waitFor(sent.id, { until: "final" });
    assert.ok(status?.receipt.isSuccess);
    return sent.signed.prepared;
  };
  const { abi, bytecode } = seedBountiesArtifact;
  const deployed = await confirm(deployContract({ abi, bytecode, args: [EMBEDDED_BTT_ADDRESS] }));
  const contract = new BountiesContract(network, deployed.contractAddress!);
  await confirm(await contract.allow(1000n * BTT));
  return {
    ...{ network, contract, confirm, funder },
    attestations: new Attestations({ chainId: chain.chainId, contract: contract.address }),
    today: () => Math.floor(clock.nowMs() / DAY_MS),
    async wait(ms: number) {
      aheadMs += ms;
      await confirm({ kind: "transfer", to: funder.address, amount: 1n });
    },
    btt: async (owner: Address) =>
      await balanceOf(network, { kind: "token", address: EMBEDDED_BTT_ADDRESS }, owner),
    async [Symbol.asyncDispose]() {
      await network.close();
      await chain.close();
      await runtime.close();
      await rm(folder, { recursive: true });
    },
  };
}

suite("bounties on the embedded chain", () => {
  test("funded, listed, paid for a day by two of three auditors, and returned at the end", async () => {
    await using scene = await openScene();
    const { contract, confirm, funder, attestations } = scene;
    const auditing = [11, 12, 13].map(signerOf);
    auditing.sort((a, b) => (a.address < b.address ? -1 : 1));
    const auditors = { accounts: auditing.map(({ address }) => address), threshold: 2 };
    const seeders = [21, 22, 23].map((number) => signerOf(number).address).toSorted();
    const day = scene.today() + 1;
    const terms: BountyTerms = {
      torrent: TORRENT,
      perDayWei: 10n * BTT,
      perSeederWei: 4n * BTT,
      maximumSeeders: 5,
      startDay: day,
      endDay: day + 2,
      auditorsHash: await contract.auditorsHash(auditors),
    };
    await confirm(contract.fund(terms, 15n * BTT));
    await confirm(contract.topUp(1n, 5n * BTT));
    const [listed, ...others] = await contract.list({ torrent: TORRENT, limit: 10, fromBlock: 0 });
    assert.deepEqual(others, []);
    assert.deepEqual(listed, { ...terms, id: 1n, funder: funder.address, potWei: 20n * BTT });
    const elsewhere = { torrent: "00".repeat(32), limit: 10, fromBlock: 0 };
    assert.deepEqual(await contract.list(elsewhere), []);

    const report: DayReport = { bountyId: 1n, day, seeders };
    const digest = await readContract(scene.network, {
      ...{ address: contract.address, abi: seedBountiesAbi },
      ...{ functionName: "reportDigest", args: [1n, BigInt(day), seeders] },
    } as const);
    assert.equal(hexOf(attestations.digest(report)), digest);
    const signed = [await attestations.sign(report, auditing[2]!)];
    signed.push(await attestations.sign(report, signerOf(99)));
    signed.push({ ...signed[1]!, auditor: auditors.accounts[0]! });
    assert.equal(attestations.gather(report, auditors, signed), null, "one counts of these");
    signed.push(await attestations.sign(report, auditing[0]!));
    const gathered = attestations.gather(report, auditors, signed)!;
    assert.deepEqual(
      gathered.map(({ auditor }) => auditor),
      [auditors.accounts[0], auditors.accounts[2]],
    );
    const signatures = gathered.map(({ signature }) => signature);
    const pay = contract.payDay(report, auditors, signatures);
    await assert.rejects(confirm(pay), RevertError, "the day is not over");
    await scene.wait(2 * DAY_MS);
    await confirm(pay);
    for (const seeder of seeders) assert.equal(await scene.btt(seeder), (10n * BTT) / 3n);
    assert.ok(await contract.isPaid(1n, day));
    await assert.rejects(confirm(pay), RevertError, "once only");

    await scene.wait(10 * DAY_MS);
    const left = 20n * BTT - 3n * ((10n * BTT) / 3n);
    assert.equal((await contract.read(1n)).potWei, left);
    const before = await scene.btt(funder.address);
    await confirm(contract.refund(1n));
    assert.equal((await scene.btt(funder.address)) - before, left);
  });
});

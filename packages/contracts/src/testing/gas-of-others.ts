import { type Hex, keccak256, parseEther, toHex, zeroAddress, zeroHash } from "viem";
import { encodeAbiParameters } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { allocationArtifact } from "../artifacts/allocation.ts";
import { bttArtifact } from "../artifacts/btt.ts";
import { premiumPassArtifact } from "../artifacts/premium-pass.ts";
import { saleArtifact } from "../artifacts/sale.ts";
import { seedBountiesArtifact } from "../artifacts/seed-bounties.ts";
import { seedRewardsArtifact } from "../artifacts/seed-rewards.ts";
import { vestingArtifact } from "../artifacts/vesting.ts";
import { BTT_TOTAL_SUPPLY_WEI } from "../index.ts";
import type { GasLedger } from "./gas-ledger.ts";
import { BOUNTY_TYPES, signCompact } from "./signing.ts";

const WEEK_SECONDS = 604_800n;
const DAY_SECONDS = 86_400n;
const OPERATING = { isEveryday: false } as const;

/** What handing the supply out and selling the ICO tranche cost. */
export async function measureSale(ledger: GasLedger): Promise<void> {
  const { chain, holder } = ledger;
  const owner = holder.address;
  const start = chain.timeSeconds + 100n;
  const allocation = await chain.deploy(allocationArtifact, [owner, owner, owner, start, owner]);
  ledger.note("Allocation", "deploy, with its three vestings", allocation.gasUsed, false);
  const token = await chain.deploy(bttArtifact, [[allocation.address], [BTT_TOTAL_SUPPLY_WEI]]);
  const phase = {
    startSeconds: start,
    endSeconds: start + 10n * DAY_SECONDS,
    pricePerMillion: parseEther("1"),
    capPerBuyer: parseEther("2000000000"),
  };
  const deploySale = async (softCapWei: bigint) => {
    const terms = [parseEther("2000000000"), softCapWei, [phase]];
    return await chain.deploy(saleArtifact, [token.address, zeroAddress, owner, ...terms]);
  };
  const sale = await deploySale(1n);
  ledger.note("Sale", "deploy, one phase", sale.gasUsed, false);
  const failing = await deploySale(parseEther("1000000"));
  const tokenHolder = { to: allocation, name: "distribute" };
  const distribute = { ...tokenHolder, with: [token.address, sale.address, failing.address] };
  await ledger.measure("Allocation", "distribute", holder, distribute, OPERATING);

  const alice = await chain.account(30);
  await chain.wait(100);
  const buy = (to: typeof sale, million: number) => ({
    to,
    name: "buy",
    with: [parseEther(`${million}000000`), parseEther(`${million}`)],
    valueWei: parseEther(`${million}`),
  });
  await ledger.measure("Sale", "buy, first time", alice, buy(sale, 1));
  await ledger.measure("Sale", "buy", alice, buy(sale, 2));
  await chain.send(alice, buy(failing, 1));
  await chain.wait(Number(20n * DAY_SECONDS));
  const claim = { to: sale, name: "claim", with: [alice.address] };
  await ledger.measure("Sale", "claim", alice, claim);
  const refund = { to: failing, name: "refund", with: [alice.address] };
  await ledger.measure("Sale", "refund", alice, refund);
  const collect = { to: sale, name: "collect", with: [] };
  await ledger.measure("Sale", "collect", holder, collect, OPERATING);
  const unsold = { to: sale, name: "returnUnsold", with: [] };
  await ledger.measure("Sale", "return what is unsold", holder, unsold, OPERATING);
  const ecosystem = await chain.read({ to: allocation, name: "ecosystem", with: [] });
  const vesting = { address: addressIn(ecosystem), abi: vestingArtifact.abi, gasUsed: 0 };
  const release = { to: { ...vesting, abi: [RELEASE] }, name: "release", with: [token.address] };
  await ledger.measure("Allocation", "release what has vested", holder, release, OPERATING);
}

/** What posting and claiming rewards cost; fees have been burned before. */
export async function measureRewards(ledger: GasLedger): Promise<void> {
  const { chain, holder, channels, token } = ledger;
  const guardian = await chain.account(40);
  const roles = [holder.address, [guardian.address]];
  const rewards = await chain.deploy(seedRewardsArtifact, [channels.address, ...roles]);
  ledger.note("SeedRewards", "deploy", rewards.gasUsed, false);
  const fund = [rewards.address, parseEther("3000000000")];
  await chain.send(holder, { to: token, name: "transfer", with: fund });
  const epoch = chain.timeSeconds / WEEK_SECONDS;
  await burnFees(ledger);
  await chain.wait(Number(WEEK_SECONDS));
  // A tree a thousand shares deep enough for ten steps of proof, of which one path is followed.
  const amountWei = 1_000n;
  const seeder = await chain.account(41);
  const path = Array.from({ length: 10 }, (_, level) => keccak256(toHex(level)));
  const leaf = leafOf(epoch, 0n, seeder.address, amountWei);
  const root = path.reduce(hashPair, leaf);
  const post = { to: rewards, name: "post", with: [epoch, root, amountWei, zeroHash] };
  await ledger.measure("SeedRewards", "post a root", holder, post, OPERATING);
  const veto = { to: rewards, name: "veto", with: [epoch] };
  await ledger.measure("SeedRewards", "veto", guardian, veto, OPERATING);
  await chain.send(holder, post);
  await chain.wait(Number(DAY_SECONDS));
  const share = { epoch, index: 0n, account: seeder.address, amount: amountWei, proof: path };
  const claim = { to: rewards, name: "claimMany", with: [[share]] };
  await ledger.measure("SeedRewards", "claim one of a thousand shares", seeder, claim);
}

/** What a bounty and a subscription cost. */
export async function measureBountiesAndPass(ledger: GasLedger): Promise<void> {
  const { chain, holder, token } = ledger;
  const bounties = await chain.deploy(seedBountiesArtifact, [token.address]);
  ledger.note("SeedBounties", "deploy", bounties.gasUsed, false);
  const auditors = await Promise.all([50, 51, 52].map((number) => chain.account(number)));
  auditors.sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));
  const audit = { accounts: auditors.map(({ address }) => address), threshold: 2n };
  const hash = await chain.read({ to: bounties, name: "auditorsHashOf", with: [audit] });
  const today = chain.timeSeconds / DAY_SECONDS;
  const terms = {
    torrent: keccak256(toHex("torrent")),
    perDay: parseEther("100"),
    perSeeder: parseEther("10"),
    maximumSeeders: 20,
    startDay: Number(today),
    endDay: Number(today + 30n),
    auditorsHash: hash,
  };
  const alice = await ledger.fund(53, parseEther("1000000"), [bounties]);
  const fund = { to: bounties, name: "fund", with: [terms, parseEther("1000")] };
  await ledger.measure("SeedBounties", "fund a torrent", alice, fund);
  const topUp = { to: bounties, name: "topUp", with: [1n, parseEther("1000")] };
  await ledger.measure("SeedBounties", "top up", alice, topUp);
  await chain.wait(Number(2n * DAY_SECONDS));
  const seeders = Array.from({ length: 10 }, (_, index) => toHex(0x5eed_00 + index, { size: 20 }));
  const payDay = async (day: bigint) => {
    const signatures = await Promise.all(
      auditors.slice(0, 2).map((signer: PrivateKeyAccount) =>
        signCompact({
          signer,
          domainName: "Shoal SeedBounties",
          contract: bounties.address,
          types: BOUNTY_TYPES,
          primaryType: "DayReport",
          message: { bountyId: 1n, day, seeders },
        }),
      ),
    );
    return { to: bounties, name: "payDay", with: [1n, day, seeders, audit, signatures] };
  };
  await chain.send(alice, await payDay(today));
  const second = await payDay(today + 1n);
  await ledger.measure("SeedBounties", "pay a day of ten seeders, each", alice, second, {
    parts: 10,
  });
  await chain.wait(Number(60n * DAY_SECONDS));
  const refund = { to: bounties, name: "refund", with: [1n] };
  await ledger.measure("SeedBounties", "refund", alice, refund);

  const price = parseEther("100");
  const office = [holder.address, holder.address, price];
  const pass = await chain.deploy(premiumPassArtifact, [token.address, ...office]);
  ledger.note("PremiumPass", "deploy", pass.gasUsed, false);
  await chain.send(alice, { to: token, name: "approve", with: [pass.address, 2n ** 256n - 1n] });
  const subscribe = { to: pass, name: "subscribe", with: [1n, price] };
  await ledger.measure("PremiumPass", "subscribe, first time", alice, subscribe);
  await ledger.measure("PremiumPass", "subscribe again", alice, subscribe);
  const gift = { to: pass, name: "gift", with: [holder.address, 12n, 12n * price] };
  await ledger.measure("PremiumPass", "give a year", alice, gift);
  const announce = { to: pass, name: "announcePrice", with: [price * 2n] };
  await ledger.measure("PremiumPass", "announce a price", holder, announce, OPERATING);
}

/** The vesting has two functions of that name; this is the one for tokens. */
const RELEASE = {
  type: "function",
  name: "release",
  stateMutability: "nonpayable",
  inputs: [{ name: "token", type: "address" }],
  outputs: [],
} as const;

/** The payer closes a channel that it alone is both sides of, which burns a fee like any other. */
async function burnFees(ledger: GasLedger): Promise<void> {
  const { chain, channels } = ledger;
  const payer = await ledger.fund(60, parseEther("1000"), [channels]);
  const terms = { payee: payer.address, signer: payer.address, challengeSeconds: 60, salt: 1n };
  const opening = { ...terms, capacity: parseEther("1000") };
  await chain.send(payer, { to: channels, name: "deposit", with: [parseEther("1000")] });
  await chain.send(payer, { to: channels, name: "openMany", with: [[opening]] });
  const key = { payer: payer.address, ...terms };
  const channelId = await chain.read({ to: channels, name: "channelIdOf", with: [key] });
  const total = parseEther("1000");
  const { r, vs } = await signCompact({
    signer: payer,
    domainName: "Shoal BandwidthChannels",
    contract: channels.address,
    types: {
      Close: [
        { name: "channelId", type: "bytes32" },
        { name: "total", type: "uint256" },
      ],
    },
    primaryType: "Close",
    message: { channelId, total },
  });
  await chain.send(payer, { to: channels, name: "close", with: [key, total, r, vs] });
}

function leafOf(epoch: bigint, index: bigint, account: Hex, amountWei: bigint): Hex {
  const types = ["uint256", "uint256", "address", "uint256"].map((type) => ({ type }));
  return keccak256(keccak256(encodeAbiParameters(types, [epoch, index, account, amountWei])));
}

function hashPair(a: Hex, b: Hex): Hex {
  return keccak256(`0x${[a.slice(2), b.slice(2)].sort().join("")}`);
}

function addressIn(word: Hex): Hex {
  return `0x${word.slice(-40)}`;
}

// Redeems many claims on a new embedded chain, in as few transactions as they fit:
// node bench/speed/redeem-claims.ts CLAIMS [CLAIMS_PER_TRANSACTION]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  EMBEDDED_BTT_ADDRESS,
  EMBEDDED_CHANNELS_ADDRESS,
  KeySigner,
  openEmbeddedChain,
  openNetwork,
  Sender,
} from "@shoal/chain";
import { createNodeRuntime } from "@shoal/runtime/node";
import {
  ChainFunder,
  ChannelStore,
  ClaimStore,
  ChannelsContract,
  PayDigests,
  Redeemer,
  SessionSigner,
} from "@shoal/speed";

const count = Number(process.argv[2] ?? 2000);
/** Of 224 bytes each; nodes take transactions of 128 KiB. */
const claimsPerTransaction = Number(process.argv[3] ?? 500);
/** Channels opened in one transaction: about 10 million gas. */
const OPENED_TOGETHER = 200;
const HOUR_S = 3600;
const CAPACITY = 10n ** 12n;
const [payer, payee] = [new KeySigner(keyOf(1)), new KeySigner(keyOf(2))];
const sessionAddress = new KeySigner(keyOf(3)).address;
const folder = await mkdtemp(join(tmpdir(), "shoal-redeem-"));
const runtime = await createNodeRuntime({ logLevel: "error", storePath: join(folder, "store") });
const { clock, store, random } = runtime;
const chain = await openEmbeddedChain({ ...runtime, folder: join(folder, "chain") });
const network = await openNetwork("embedded", { http: runtime.http, embedded: chain });
try {
  const sender = await Sender.open(network, store, clock);
  const contract = new ChannelsContract(network, EMBEDDED_CHANNELS_ADDRESS);
  const digests = new PayDigests({ chainId: chain.chainId, contract: contract.address });
  const session = new SessionSigner(digests, sessionAddress, keyOf(3));
  for (const { address } of [payer, payee]) {
    await chain.request({ method: "shoal_faucet", params: [address] });
  }
  const claims = await ClaimStore.open({ store, clock, network: "bench" });
  const channels = await ChannelStore.open({ store, clock, network: "bench" });
  const funder = new ChainFunder({
    ...{ contract, sender, payer, digests, channels, random },
    token: EMBEDDED_BTT_ADDRESS,
    signer: session.address,
  });
  await funder.deposit(BigInt(count) * CAPACITY);
  const openingMs = performance.now();
  for (let opened = 0; opened < count; opened += OPENED_TOGETHER) {
    const openings = openingsFrom(opened, Math.min(OPENED_TOGETHER, count - opened));
    const { id } = await sender.send(contract.openMany(openings), payer);
    const status = await sender.waitFor(id, { until: "final" });
    if (status?.receipt.isSuccess !== true) throw new Error(`channels were not opened: ${id}`);
    for (const { key } of openings) {
      const whole = { ...key, payer: payer.address };
      const channel = digests.channelId(whole);
      const total = CAPACITY - key.salt;
      const signature = session.signVoucher(channel, total);
      claims.put({ ...claims.of(channel, whole), total, signature });
    }
  }
  await claims.flush();
  const openedS = (performance.now() - openingMs) / 1000;
  console.error(`${count} channels are open after ${openedS.toFixed(0)} s`);
  const redeemer = new Redeemer({
    ...{ contract, claims, sender, payee, claimsPerTransaction },
    worthWei: 1n,
  });
  const redeemingMs = performance.now();
  const done = await redeemer.redeem();
  const redeemedS = (performance.now() - redeemingMs) / 1000;
  let gas = 0n;
  for (const hash of done.transactions) {
    const receipt = (await chain.request({
      method: "eth_getTransactionReceipt",
      params: [hash],
    })) as { readonly gasUsed: string };
    gas += BigInt(receipt.gasUsed);
  }
  const expected = claims.all().reduce((sum, { total }) => sum + total, 0n);
  if (done.claims !== count || done.grossWei !== expected) throw new Error("not all was redeemed");
  console.log(
    JSON.stringify({
      claims: done.claims,
      transactions: done.transactions.length,
      gasPerClaim: Number(gas) / count,
      openedS,
      redeemedS,
      claimsPerSecond: count / redeemedS,
    }),
  );
} finally {
  await network.close();
  await chain.close();
  await runtime.close();
  await rm(folder, { recursive: true });
}

function openingsFrom(first: number, many: number) {
  return Array.from({ length: many }, (_, index) => ({
    key: {
      ...{ payee: payee.address, signer: sessionAddress },
      ...{ challengeSeconds: HOUR_S, salt: BigInt(first + index + 1) },
    },
    capacity: CAPACITY,
  }));
}

function keyOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

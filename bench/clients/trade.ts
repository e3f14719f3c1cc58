import { type Address, KeySigner, toAddress } from "@shoal/chain";
import { createTitForTatPolicy, type SessionOptions, type Torrent } from "@shoal/engine";
import type { Runtime } from "@shoal/runtime";
import {
  Buyer,
  type ChannelKey,
  ClaimStore,
  createFixedBidding,
  DEFAULT_MAX_WINDOW_BYTES,
  MemoryPurse,
  PayChecks,
  PayDigests,
  PayeeSigner,
  Seller,
  SessionSigner,
  Trade,
} from "@shoal/speed";

/** What makes a session trade. */
export interface BenchTrade {
  readonly sessionOptions: Partial<SessionOptions>;
  attach(torrent: Torrent): void;
}

const BTT = 10n ** 18n;
const PRICE = BTT / 1000n;
const CAPACITY = 1_000_000n * BTT;
const CHALLENGE_SECONDS = 3600;

const payer = keyOf(1);
const session = keyOf(2);
/** Of the first seller; the others' follow. */
const FIRST_PAYEE = 3;

/** Of all sellers in this process: they write to one disk, in common groups. */
let claims: Promise<ClaimStore> | null = null;

/**
 * Trades over a channel that is taken as open: the chain is asked once before the first block, and is on nobody's way after
 * that. Everything else is as it is: signatures, vouchers, claims on a disk.
 */
export async function openTrade(
  role: "sell" | "buy",
  runtime: Runtime,
  number = 0,
): Promise<BenchTrade> {
  const { clock, random } = runtime;
  const digests = new PayDigests({
    chainId: 1337,
    contract: toAddress("0x00000000000000000000000000000000000000c0"),
  });
  const checks = new PayChecks(digests);
  let missingBytes = (): number => 0;
  const attach = (torrent: Torrent): void => {
    missingBytes = () => torrent.status().wantedBytes - torrent.status().verifiedBytes;
  };
  if (role === "sell") {
    const state = { capacity: CAPACITY, paid: 0n, closableAt: null, isClosed: false };
    const seller = new Seller({
      clock,
      checks,
      payee: new PayeeSigner(digests, new KeySigner(keyOf(FIRST_PAYEE + number).key)),
      channels: { read: () => Promise.resolve(state) },
      claims: await (claims ??= ClaimStore.open({ ...runtime, network: "bench" })),
      terms: {
        minPrice: PRICE,
        freeSlots: 1,
        paidSlots: 64,
        minChallengeSeconds: CHALLENGE_SECONDS,
        minChannelWei: 0n,
        window: { maxBytes: DEFAULT_MAX_WINDOW_BYTES, maxExposure: BTT },
      },
    });
    const trade = new Trade({ random, seller, buyer: null });
    const uploadPolicy = trade.uploadPolicy(createTitForTatPolicy({ random }));
    const { extension, gate } = trade;
    return { sessionOptions: { extensions: [extension], flowGate: gate, uploadPolicy }, attach };
  }
  const channelTo = (payee: Address) => {
    const key: ChannelKey = {
      payer: payer.address,
      payee,
      signer: session.address,
      challengeSeconds: CHALLENGE_SECONDS,
      salt: 1n,
    };
    return { id: digests.channelId(key), key, capacity: CAPACITY, allowed: CAPACITY };
  };
  const buyer = new Buyer({
    clock,
    checks,
    signer: new SessionSigner(digests, session.address, session.key),
    purse: new MemoryPurse(),
    funder: { fund: (wanted) => Promise.resolve(wanted.map(({ payee }) => channelTo(payee))) },
    bidding: createFixedBidding(PRICE),
    budget: CAPACITY,
    missingBytes: () => missingBytes(),
  });
  const { extension, gate } = new Trade({ random, seller: null, buyer });
  return {
    sessionOptions: { extensions: [extension], flowGate: gate },
    attach(torrent) {
      attach(torrent);
      torrent.on(({ type }) => {
        // A download that nobody paid for says nothing of what paying costs.
        if (type === "complete" && buyer.spent === 0n) throw new Error("nothing was paid");
      });
    },
  };
}

function keyOf(number: number) {
  const key = new Uint8Array(32).fill(number);
  return { key, address: new KeySigner(Uint8Array.from(key)).address };
}

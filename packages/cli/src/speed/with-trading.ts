import { formatAmount, type Signer, UnlockedWallet } from "@shoal/chain";
import {
  createTitForTatPolicy,
  type Session,
  type SessionOptions,
  type Torrent,
} from "@shoal/engine";
import { toHex } from "@shoal/protocol";
import type { Timer } from "@shoal/runtime";
import {
  Buyer,
  type BuyingPeer,
  ChainFunder,
  createAutoBidding,
  createFixedBidding,
  DEFAULT_CHALLENGE_SECONDS,
  DEFAULT_MAX_WINDOW_BYTES,
  PayChecks,
  PayeeSigner,
  Redeemer,
  Seller,
  SessionSigner,
  Trade,
} from "@shoal/speed";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { type OpenedAccount, withAccount } from "../wallet/open-wallet.ts";
import { readSecret } from "../wallet/secrets.ts";
import { openSessionKey, openSpeed, type OpenedSpeed } from "./open-speed.ts";
import type { BuyFlags, SellFlags } from "./trade-options.ts";

/** Paid bandwidth in a command's session. */
export interface Trading {
  readonly sessionOptions: Partial<SessionOptions>;
  /** Hands over the session once it is there. */
  attach(session: Session): void;
  /** Pays what is owed, redeems what is worth it. To be called before the session is closed. */
  finish(): Promise<void>;
}

const BTT = 10n ** 18n;
/** What is spent at the most where only a price was named. */
const DEFAULT_BUDGET = 10n * BTT;
/** What a payee risks with one payer. */
const MAX_EXPOSURE = BTT / 10n;
const PLAY_CHALLENGE_SECONDS = 3600;
/** How long a seller may take to acknowledge the last payment. */
const SETTLE_MS = 10_000;
const REDEEM_EVERY_MS = 10 * 60_000;
/** A claim is redeemed once so much of it is not: far more than a transaction costs where one costs less than a cent. */
const WORTH_WEI = BTT / 10n;

/** Opens what the flags ask for, for as long as `use` takes: null when they ask for nothing. */
export async function withTrading<T>(
  context: CommandContext,
  flags: BuyFlags & SellFlags,
  use: (trading: Trading | null) => Promise<T>,
): Promise<T> {
  if (flags.bid !== undefined && flags.pay !== true) throw needs("--bid", "--pay");
  if (flags.budget !== undefined && flags.pay !== true) throw needs("--budget", "--pay");
  if (flags.pay !== true && flags.sell !== true) return await use(null);
  const { wallet: name = "main", account = 0, network = "embedded" } = flags;
  return await withAccount(context, { ...flags, name, account, network }, async (opened) => {
    const password = await readSecret("the password", "--password-file", flags.passwordFile);
    const unlocked = await UnlockedWallet.unlock(opened.file, password);
    try {
      const signer = await unlocked.signer(opened.account, opened.network.info.slip44);
      const speed = await openSpeed(opened);
      if (speed.isPlayMoney) context.output.note("trading with play money, worth nothing");
      const open = flags.pay === true ? openBuying : openSelling;
      return await use(await open(context, flags, { opened, speed, signer }));
    } finally {
      unlocked.lock();
    }
  });
}

interface Scene {
  readonly opened: OpenedAccount;
  readonly speed: OpenedSpeed;
  readonly signer: Signer;
}

async function openBuying(
  context: CommandContext,
  { bid, budget, receipts }: BuyFlags,
  { opened, speed, signer }: Scene,
): Promise<Trading> {
  const { runtime, sender } = opened;
  const { clock, random } = runtime;
  const { output, signal } = context;
  const session = await openSessionKey(context, random);
  let missingBytes = (): number => 0;
  let torrents = (): readonly Torrent[] => [];
  const about = ({ view }: BuyingPeer) => ({ peer: `${view.remote.address}:${view.remote.port}` });
  const buyer = new Buyer({
    clock,
    checks: new PayChecks(speed.digests),
    signer: new SessionSigner(speed.digests, session.address, session.key),
    purse: speed.channels,
    funder: new ChainFunder({
      ...speed,
      sender,
      payer: signer,
      signer: session.address,
      random,
      signal,
    }),
    bidding: bid === undefined ? createAutoBidding() : createFixedBidding(bid),
    budget: budget ?? DEFAULT_BUDGET,
    missingBytes: () => missingBytes(),
    ...(receipts === true && {
      torrentOf: (infoHash: string) => nameOnChain(torrents(), infoHash),
    }),
    on: {
      bid: (peer, price) => output.event("bid", { ...about(peer), priceWei: String(price) }),
      accepted: (peer) =>
        output.event("bid-accepted", {
          ...about(peer),
          priceWei: String(peer.account?.price ?? 0n),
        }),
      rejected: (peer, reason) => output.event("bid-rejected", { ...about(peer), reason }),
      paid: (peer, wei) => output.event("paid", { ...about(peer), wei: String(wei) }),
      fundingFailed: (error) => {
        const why = error instanceof Error ? error.message : String(error);
        output.warn(`no channel could be opened; the download goes on unpaid: ${why}`);
      },
    },
  });
  const trade = new Trade({ random, seller: null, buyer });
  return {
    sessionOptions: { extensions: [trade.extension], flowGate: trade.gate },
    attach: (session) => {
      torrents = () => session.torrents;
      missingBytes = () => {
        let missing = 0;
        for (const torrent of session.torrents) {
          const { wantedBytes, verifiedBytes } = torrent.status();
          missing += wantedBytes - verifiedBytes;
        }
        return missing;
      };
    },
    async finish() {
      await buyer.settle(AbortSignal.timeout(SETTLE_MS));
      buyer.close();
      await speed.channels.flush();
      output.note(`paid ${formatAmount(buyer.spent, 18)} BTT`);
      output.event("spent", { wei: String(buyer.spent) });
    },
  };
}

async function openSelling(
  context: CommandContext,
  flags: SellFlags,
  { opened, speed, signer }: Scene,
): Promise<Trading> {
  const { runtime, sender } = opened;
  const { clock, random } = runtime;
  const { output } = context;
  const { isPlayMoney, claims, contract } = speed;
  const challenge = isPlayMoney ? PLAY_CHALLENGE_SECONDS : DEFAULT_CHALLENGE_SECONDS;
  const { minPrice = 10n ** 14n, freeSlots = 1, minChallenge = challenge } = flags;
  const seller = new Seller({
    clock,
    checks: new PayChecks(speed.digests),
    payee: new PayeeSigner(speed.digests, signer),
    channels: contract,
    claims,
    terms: {
      minPrice,
      freeSlots,
      paidSlots: 200,
      minChallengeSeconds: minChallenge,
      minChannelWei: isPlayMoney ? 0n : WORTH_WEI,
      window: { maxBytes: DEFAULT_MAX_WINDOW_BYTES, maxExposure: MAX_EXPOSURE },
    },
  });
  const worthWei = WORTH_WEI;
  const redeemer = new Redeemer({ contract, claims, sender, payee: signer, worthWei });
  let redeeming: Promise<void> | null = null;
  const redeem = (): void => {
    redeeming ??= redeemer
      .redeem()
      .then(({ claims: count, grossWei }) => {
        if (count > 0) output.event("redeemed", { claims: count, grossWei: String(grossWei) });
      })
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        output.warn(`nothing was redeemed now; it is tried again: ${why}`);
      })
      .finally(() => (redeeming = null));
  };
  redeem();
  const timer: Timer = clock.setRepeating(REDEEM_EVERY_MS, redeem);
  const trade = new Trade({ random, seller, buyer: null });
  const free = createTitForTatPolicy({ random });
  return {
    sessionOptions: {
      extensions: [trade.extension],
      flowGate: trade.gate,
      uploadPolicy: trade.uploadPolicy(free),
    },
    attach: () => undefined,
    async finish() {
      timer.cancel();
      seller.close();
      await claims.flush();
      await redeeming;
      const total = claims.all().reduce((sum, claim) => sum + claim.total, 0n);
      const redeemed = claims.all().reduce((sum, claim) => sum + claim.redeemed, 0n);
      output.note(
        `earned ${formatAmount(total, 18)} BTT in all, of which ${formatAmount(total - redeemed, 18)} wait to be redeemed (shoal speed redeem)`,
      );
      output.event("earned", { wei: String(total), unredeemedWei: String(total - redeemed) });
    },
  };
}

function needs(option: string, other: string): CliError {
  return new CliError("usage", `${option} needs ${other}`);
}

/** By which the chain knows the torrent that a swarm shares: BEP 52's infohash, or BEP 3's and twelve zeros. */
function nameOnChain(torrents: readonly Torrent[], infoHash: string) {
  for (const { metainfo } of torrents) {
    for (const world of [metainfo?.v2, metainfo?.v1]) {
      if (!metainfo || !world || !toHex(world.infoHash).startsWith(infoHash)) continue;
      const torrent = new Uint8Array(32);
      torrent.set(world.infoHash);
      return { torrent, size: BigInt(metainfo.lengthBytes) };
    }
  }
  return null;
}

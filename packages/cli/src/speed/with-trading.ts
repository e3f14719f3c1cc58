import { formatAmount, UnlockedWallet } from "@shoal/chain";
import type { Session, SessionOptions } from "@shoal/engine";
import { type BuyingPeer, Trading, type TradingEvents } from "@shoal/speed";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { type OpenedAccount, withAccount } from "../wallet/open-wallet.ts";
import { readSecret } from "../wallet/secrets.ts";
import { openDeviceKey, openSpeed } from "./open-speed.ts";
import type { BuyFlags, SellFlags } from "./trade-options.ts";

/** Paid bandwidth in a command's session. */
export interface CommandTrading {
  readonly sessionOptions: Partial<SessionOptions>;
  /** Hands over the session once it is there. */
  attach(session: Session): void;
  /** Pays what is owed, redeems what is worth it. To be called before the session is closed. */
  finish(): Promise<void>;
}

/** Opens what the flags ask for, for as long as `use` takes: null when they ask for nothing. */
export async function withTrading<T>(
  context: CommandContext,
  flags: BuyFlags & SellFlags,
  use: (trading: CommandTrading | null) => Promise<T>,
): Promise<T> {
  if (flags.bid !== undefined && flags.pay !== true) throw needs("--bid", "--pay");
  if (flags.budget !== undefined && flags.pay !== true) throw needs("--budget", "--pay");
  if (flags.pay !== true && flags.sell !== true) return await use(null);
  const { wallet: name = "main", account = 0, network = "embedded" } = flags;
  return await withAccount(context, { ...flags, name, account, network }, async (opened) => {
    const password = await readSecret("the password", "--password-file", flags.passwordFile);
    const unlocked = await UnlockedWallet.unlock(opened.file, password);
    try {
      const trading = await openTrading(context, flags, opened, unlocked);
      try {
        return await use({
          sessionOptions: trading.sessionOptions,
          attach: (session) => trading.attach(session),
          async finish() {
            await trading.finish();
            showSums(context, flags, trading);
          },
        });
      } finally {
        await trading.close();
      }
    } finally {
      unlocked.lock();
    }
  });
}

async function openTrading(
  context: CommandContext,
  flags: BuyFlags & SellFlags,
  opened: OpenedAccount,
  unlocked: UnlockedWallet,
): Promise<Trading> {
  const { output, signal } = context;
  const { runtime, sender } = opened;
  const place = await openSpeed(opened);
  if (place.isPlayMoney) output.note("trading with play money, worth nothing");
  return new Trading({
    ...{ place, sender, signal, on: eventsOf(context) },
    clock: runtime.clock,
    random: runtime.random,
    signer: await unlocked.signer(opened.account, opened.network.info.slip44),
    ...(flags.pay === true && {
      sessionKey: await openDeviceKey(context, runtime.random),
      buying: {
        ...(flags.bid !== undefined && { bid: flags.bid }),
        ...(flags.budget !== undefined && { budget: flags.budget }),
        receipts: flags.receipts === true,
      },
    }),
    ...(flags.sell === true && {
      selling: {
        ...(flags.minPrice !== undefined && { minPrice: flags.minPrice }),
        ...(flags.freeSlots !== undefined && { freeSlots: flags.freeSlots }),
        ...(flags.minChallenge !== undefined && { minChallengeSeconds: flags.minChallenge }),
      },
    }),
  });
}

function eventsOf({ output }: CommandContext): TradingEvents {
  const about = ({ view }: BuyingPeer) => ({ peer: `${view.remote.address}:${view.remote.port}` });
  const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  return {
    bid: (peer, price) => output.event("bid", { ...about(peer), priceWei: String(price) }),
    accepted: (peer) =>
      output.event("bid-accepted", {
        ...about(peer),
        priceWei: String(peer.account?.price ?? 0n),
      }),
    rejected: (peer, reason) => output.event("bid-rejected", { ...about(peer), reason }),
    paid: (peer, wei) => output.event("paid", { ...about(peer), wei: String(wei) }),
    fundingFailed: (error) =>
      output.warn(`no channel could be opened; the download goes on unpaid: ${why(error)}`),
    redeemed: ({ claims, grossWei }) =>
      output.event("redeemed", { claims, grossWei: String(grossWei) }),
    attributed: ({ receipts }) => output.event("attributed", { receipts }),
    settlementFailed: (error) =>
      output.warn(`nothing was redeemed now; it is tried again: ${why(error)}`),
  };
}

function showSums({ output }: CommandContext, flags: BuyFlags & SellFlags, trading: Trading): void {
  if (flags.pay === true) {
    output.note(`paid ${formatAmount(trading.spent, 18)} BTT`);
    output.event("spent", { wei: String(trading.spent) });
  }
  if (flags.sell === true) {
    const { earnedWei, unredeemedWei } = trading.market().sums;
    output.note(
      `earned ${formatAmount(earnedWei, 18)} BTT in all, of which ${formatAmount(unredeemedWei, 18)} wait to be redeemed (shoal speed redeem)`,
    );
    output.event("earned", { wei: String(earnedWei), unredeemedWei: String(unredeemedWei) });
  }
}

function needs(option: string, other: string): CliError {
  return new CliError("usage", `${option} needs ${other}`);
}

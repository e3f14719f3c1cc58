import type { Address, TransactionId } from "@shoal/chain";
import type { SettingsChange } from "@shoal/api";
import { NodeError } from "../errors.ts";
import type { Money } from "../money/money.ts";
import { createBounty, listBounties } from "../trading/bounty-desk.ts";
import { closeChannel } from "../trading/close-channel.ts";
import { describeEarnings } from "../trading/describe-earnings.ts";
import { describeTrading } from "../trading/describe-trading.ts";
import { claimRewards, listRewards } from "../trading/reward-desk.ts";
import type { TradingDesk } from "../trading/trading-desk.ts";
import type { Handlers } from "./handlers.ts";

type TradingOperation =
  | "getTrading"
  | "changeTrading"
  | "listClaims"
  | "redeemClaims"
  | "listChannels"
  | "closeChannel"
  | "getEarnings"
  | "listRewards"
  | "claimRewards"
  | "listBounties"
  | "createBounty"
  | "getSample"
  | "startSample"
  | "stopSample";

/** Bandwidth that is bought and sold, rewards, bounties, and the sample swarm. */
export function createTradingHandlers(money: Money): Pick<Handlers, TradingOperation> {
  const { configuration, clock, signal } = money;
  const desk = (): TradingDesk => {
    if (money.desk !== null) return money.desk;
    const { network } = configuration.current.chain;
    throw new NodeError(
      "unavailable",
      `Bandwidth cannot be paid on ${network}, or it did not answer at the start: the log says more.`,
      { reason: "no-trading", values: { network } },
    );
  };
  const sample = () => {
    desk();
    return money.sample!;
  };
  const show = (address: Address): string => desk().opened.network.formatAddress(address);
  return {
    getTrading: () => describeTrading(desk(), configuration.current.trading),
    async changeTrading({ wallet, network, sell, buy }) {
      if (network !== undefined && network !== desk().opened.network.info.name) {
        throw new NodeError(
          "conflict",
          `Bandwidth is paid on ${desk().opened.network.info.name}: set chain.network, and start the daemon again.`,
          { reason: "another-network-pays", values: { network: desk().opened.network.info.name } },
        );
      }
      if (wallet !== undefined) await assertTradable(money, desk(), wallet);
      const change: NonNullable<SettingsChange["trading"]> = {
        ...(wallet !== undefined && { wallet }),
        ...(sell !== undefined && {
          sell: sell.isOn,
          ...(sell.minPrice !== undefined && { minPrice: sell.minPrice }),
          ...(sell.freeSlots !== undefined && { freeSlots: sell.freeSlots }),
        }),
        ...(buy !== undefined && {
          buy: buy.isOn,
          ...(buy.bid !== undefined && { bid: buy.bid }),
          ...(buy.budgetWei !== undefined && { budget: buy.budgetWei }),
        }),
      };
      const { trading } = await configuration.change({ trading: change });
      await desk().settled();
      return describeTrading(desk(), trading);
    },
    listClaims: () => ({
      claims: desk().market.claims.map(({ channel, key, total, redeemed, debt }) => ({
        channelId: channel,
        payer: show(key.payer),
        totalWei: String(total),
        redeemedWei: String(redeemed),
        debtWei: String(debt),
      })),
    }),
    async redeemClaims() {
      const { redeemed } = await desk().redeem();
      const { network } = desk().opened;
      return {
        transactions: redeemed.transactions.map((id) =>
          network.formatTransactionId(id as TransactionId),
        ),
        summary: redeemed.claims === 0 ? "nothing" : "redeemed",
        claims: redeemed.claims,
        grossWei: String(redeemed.grossWei),
      };
    },
    listChannels: () => ({
      channels: desk().market.channels.map(({ id, key, state, capacity, signed }) => ({
        id,
        payee: show(key.payee),
        state,
        depositWei: String(capacity),
        spentWei: String(signed),
      })),
    }),
    closeChannel: async ({ id }) => await closeChannel(desk(), id, signal),
    getEarnings: (input) =>
      describeEarnings(desk(), input, clock.nowMs(), configuration.current.trading.sell),
    listRewards: async () => await listRewards(desk(), clock.nowMs()),
    claimRewards: async () => await claimRewards(desk(), clock.nowMs(), signal),
    listBounties: async () => await listBounties(desk()),
    createBounty: async (input) => await createBounty(desk(), input, clock.nowMs(), signal),
    getSample: () => sample().status,
    startSample: () => sample().start(),
    stopSample: async () => await sample().stop(),
  };
}

/** One session trades for one account: its channels are that account's. */
async function assertTradable(money: Money, desk: TradingDesk, wallet: string): Promise<void> {
  await money.wallets.read(wallet);
  const { trading } = money.configuration.current;
  if (!desk.slot.isSet || trading.wallet === wallet) return;
  throw new NodeError(
    "conflict",
    `The wallet ${trading.wallet} trades until the daemon's end: set trading.wallet, and start it again.`,
    { reason: "another-wallet-trades", values: { wallet: trading.wallet ?? "" } },
  );
}

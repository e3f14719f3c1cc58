import type { FaucetGift } from "@shoal/chain";
import { NodeError } from "../errors.ts";
import type { Money } from "../money/money.ts";
import { readBalances } from "../wallet/describe-wallet.ts";
import type { Handlers } from "./handlers.ts";

type OutsideOperation =
  | "getNetworkForWallets"
  | "getAddressBalances"
  | "getAddressHistory"
  | "planOutsideSend"
  | "askAddressFaucet"
  | "getTransactionState";

/** Accounts of browsers' wallets. */
export function createOutsideHandlers(money: Money): Pick<Handlers, OutsideOperation> {
  const { outside, chain } = money;
  return {
    getNetworkForWallets: async ({ network }, { caller }) =>
      await outside.describeNetwork(network, caller.scopes.has("admin")),
    async getAddressBalances({ network, address }) {
      const view = await outside.open(network, address);
      return {
        address: view.network.formatAddress(view.address),
        balances: await readBalances(view, null),
      };
    },
    async getAddressHistory({ network, address, limit }) {
      return await outside.readHistory(await outside.open(network, address), limit);
    },
    planOutsideSend: async (input) => await outside.plan(input),
    async askAddressFaucet({ network, address }) {
      const view = await outside.open(network, address);
      if (chain === null || network !== "embedded") {
        throw new NodeError("unavailable", "Only the embedded chain gives play money away.");
      }
      const gift = await chain.request({ method: "shoal_faucet", params: [view.address] });
      const { coinWei, bttWei } = gift as FaucetGift;
      return { coinWei: String(BigInt(coinWei)), bttWei: String(BigInt(bttWei)) };
    },
    getTransactionState: async ({ network, id }) => await outside.readState(network, id),
  };
}

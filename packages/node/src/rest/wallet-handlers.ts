import type { FaucetGift } from "@shoal/chain";
import { NodeError } from "../errors.ts";
import type { Money } from "../money/money.ts";
import { openAccount } from "../wallet/account-view.ts";
import { describeNetwork, describeWallet, readBalances } from "../wallet/describe-wallet.ts";
import type { Handlers } from "./handlers.ts";

const MINUTE_MS = 60_000;

type WalletOperation =
  | "listNetworks"
  | "listWallets"
  | "createWallet"
  | "unlockWallet"
  | "lockWallet"
  | "getBalances"
  | "getWalletHistory"
  | "planSend"
  | "confirmSend"
  | "askFaucet"
  | "listContacts"
  | "setContact"
  | "removeContact";

/** Wallets, balances and payments. */
export function createWalletHandlers(money: Money): Pick<Handlers, WalletOperation> {
  const { wallets, networks, plans, history, chain } = money;
  const describe = async (name: string) =>
    describeWallet(await wallets.read(name), wallets.isUnlocked(name));
  return {
    async listNetworks() {
      return { networks: (await networks.list()).map(describeNetwork) };
    },
    async listWallets() {
      const files = await wallets.list();
      return { wallets: files.map((file) => describeWallet(file, wallets.isUnlocked(file.name))) };
    },
    async createWallet({ name, password, words: given }) {
      const { file, words } = await wallets.create(name, password, given);
      return { ...describeWallet(file, false), words };
    },
    async unlockWallet({ name, password, minutes }) {
      await wallets.unlock(name, password, minutes * MINUTE_MS);
      await money.desk?.settled();
      return await describe(name);
    },
    async lockWallet({ name }) {
      wallets.lock(name);
      await money.desk?.settled();
      return await describe(name);
    },
    async getBalances({ name, network, account }) {
      const view = await openAccount(money, name, account, network);
      const isTraded = money.desk?.opened.network.info.name === view.network.info.name;
      const place = isTraded ? (money.desk?.place ?? null) : null;
      return {
        address: view.network.formatAddress(view.address),
        balances: await readBalances(view, place),
      };
    },
    async getWalletHistory({ name, network, account, limit }) {
      const view = await openAccount(money, name, account, network);
      return { transactions: await history.read(view, limit) };
    },
    planSend: async (input) => await plans.plan(input),
    async confirmSend({ name, planId, password }) {
      const { id, view } = await plans.confirm(name, planId, password);
      const shown = view.network.formatTransactionId(id);
      const sent = (await history.read(view, 1000)).find((each) => each.id === shown);
      if (sent === undefined)
        throw new NodeError("conflict", `${shown} was sent, and is not listed yet.`);
      return sent;
    },
    async askFaucet({ name, account }) {
      if (chain === null) {
        throw new NodeError("unavailable", "Only the embedded chain gives play money away.", {
          reason: "no-faucet",
        });
      }
      const { address } = await openAccount(money, name, account, "embedded");
      const gift = await chain.request({ method: "shoal_faucet", params: [address] });
      const { coinWei, bttWei } = gift as FaucetGift;
      return { coinWei: String(BigInt(coinWei)), bttWei: String(BigInt(bttWei)) };
    },
    async listContacts({ name }) {
      const { contacts } = await wallets.read(name);
      return { contacts: contacts.map((each) => ({ ...each })) };
    },
    async setContact({ name, address: text, label, network }) {
      const view = await openAccount(money, name, 0, network);
      const address = view.network.parseAddress(text);
      const contact = { name: label, address, network: view.network.info.name };
      const others = view.file.contacts.filter((each) => each.address !== address);
      await wallets.write({ ...view.file, contacts: [...others, contact] });
      return contact;
    },
    async removeContact({ name, address }) {
      const file = await wallets.read(name);
      const contacts = file.contacts.filter((each) => each.address !== address);
      await wallets.write({ ...file, contacts });
      return {};
    },
  };
}

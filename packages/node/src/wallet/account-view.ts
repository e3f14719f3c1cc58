import {
  type AccountRecord,
  type Address,
  addressOf,
  type Contact,
  type KnownAddress,
  movesOf,
  type Network,
  type WalletFile,
} from "@shoal/chain";
import type { Networks, OpenedNetwork } from "./networks.ts";
import { accountOf, type Wallets } from "./wallets.ts";

/** An address on a network, whoever has its key. */
export interface AddressView extends OpenedNetwork {
  readonly address: Address;
  /** What the user calls others. */
  readonly contacts: readonly Contact[];
}

/** A wallet's account on a network. */
export interface AccountView extends AddressView {
  readonly file: WalletFile;
  readonly account: AccountRecord;
}

/** @throws {AccountError} `not-found`; {ChainError} as `Networks.open`. */
export async function openAccount(
  { wallets, networks }: { readonly wallets: Wallets; readonly networks: Networks },
  name: string,
  number: number,
  networkName: string,
): Promise<AccountView> {
  const file = await wallets.read(name);
  const account = accountOf(file, number);
  const { network, sender } = await networks.open(networkName);
  const address = addressOf(account, network.info.slip44);
  return { file, account, address, contacts: file.contacts, network, sender };
}

/** Whose addresses are known: contacts, the wallet's own accounts, and those that were paid before. */
export async function knownAddresses(view: AccountView): Promise<KnownAddress[]> {
  const { file, network, sender } = view;
  const own = ownAddresses(file, network, "this wallet");
  const paid = (await sender.list()).flatMap(({ signed, state }) => {
    const { intent, from } = signed.prepared;
    if (state !== "done" && state !== "waiting") return [];
    return (movesOf(intent, from) ?? []).map((move) => ({ address: move.to, name: null }));
  });
  return [...contactsOn(view), ...own, ...paid];
}

/** A wallet's accounts, by their labels. @param called What the wallet is called where they have none. */
export function ownAddresses(file: WalletFile, { info }: Network, called: string): KnownAddress[] {
  return file.accounts.map((account, number) => ({
    address: addressOf(account, info.slip44),
    name: account.label === "" ? `account ${number} of ${called}` : account.label,
  }));
}

/** Names that the user gave to addresses of a network. */
export function contactsOn({ contacts, network }: AddressView): KnownAddress[] {
  return contacts.filter((contact) => [null, network.info.name].includes(contact.network));
}

import {
  type AccountRecord,
  type Address,
  addressOf,
  type KnownAddress,
  movesOf,
  type WalletFile,
} from "@shoal/chain";
import type { Networks, OpenedNetwork } from "./networks.ts";
import { accountOf, type Wallets } from "./wallets.ts";

/** A wallet's account on a network. */
export interface AccountView extends OpenedNetwork {
  readonly file: WalletFile;
  readonly account: AccountRecord;
  readonly address: Address;
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
  return { file, account, address: addressOf(account, network.info.slip44), network, sender };
}

/** Whose addresses are known: contacts, the wallet's own accounts, and those that were paid before. */
export async function knownAddresses(view: AccountView): Promise<KnownAddress[]> {
  const { file, network, sender } = view;
  const { slip44 } = network.info;
  const own = file.accounts.map((account, number) => ({
    address: addressOf(account, slip44),
    name: account.label === "" ? `account ${number} of this wallet` : account.label,
  }));
  const paid = (await sender.list()).flatMap(({ signed, state }) => {
    const { intent, from } = signed.prepared;
    if (state !== "done" && state !== "waiting") return [];
    return (movesOf(intent, from) ?? []).map((move) => ({ address: move.to, name: null }));
  });
  return [...contactsOn(view), ...own, ...paid];
}

/** Names that the user gave to addresses of a network. */
export function contactsOn({ file, network }: AccountView): KnownAddress[] {
  return file.contacts.filter((contact) => [null, network.info.name].includes(contact.network));
}

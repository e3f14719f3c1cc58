import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  type AccountRecord,
  AccountError,
  type Address,
  addressOf,
  type Asset,
  ChainError,
  type KnownAddress,
  movesOf,
  type Network,
  openNetwork,
  Sender,
  type WalletFile,
  WalletFolder,
} from "@shoal/chain";
import type { Runtime } from "@shoal/runtime";
import { openPrivateFolder } from "@shoal/runtime/node";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { contractsOn, readAddressBook } from "../contracts/address-book.ts";
import { chainFolder, readChainEndpoint } from "../chain/chain-endpoint.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";

/** Options of every command that talks to a network. */
export interface NetworkOptions extends CommonOptions {
  readonly network: string;
  readonly rpc?: readonly string[];
}

/** Options of every command about one wallet. */
export interface WalletOptions extends NetworkOptions {
  readonly name: string;
  readonly account: number;
  readonly passwordFile?: string;
}

/** Where this user's wallets lie. */
export function openWallets({ env }: CommandContext): WalletFolder {
  const { data } = findShoalFolders(env, process.platform, homedir());
  return new WalletFolder(openPrivateFolder(join(data, "wallets")));
}

/** A network, and this machine's world around it. */
export interface OpenedNetwork {
  readonly network: Network;
  readonly runtime: Runtime;
}

/** Opens what `--network` and `--rpc` name, for as long as `use` takes. */
export async function withNetwork<T>(
  context: CommandContext,
  options: NetworkOptions,
  use: (opened: OpenedNetwork) => Promise<T>,
): Promise<T> {
  // The embedded chain is on this machine, where no proxy leads.
  const flags = options.network === "embedded" ? {} : { flags: {} };
  const runtime = await openRuntime(context, { keepsState: true, ...flags });
  try {
    const book = await readAddressBook(context);
    const rpcUrls = options.rpc ?? (await ownChain(context, options.network));
    const network = await openNetwork(options.network, {
      http: runtime.http,
      ...(rpcUrls !== null && { rpcUrls }),
      contractsOn: (chainId) => contractsOn(book, chainId),
    });
    try {
      return await use({ network, runtime });
    } finally {
      await network.close();
    }
  } finally {
    await runtime.close();
  }
}

/** Where the embedded chain of this user listens, while it runs. */
async function ownChain({ env }: CommandContext, network: string): Promise<string[] | null> {
  if (network !== "embedded") return null;
  const endpoint = await readChainEndpoint(chainFolder(undefined, env));
  return endpoint === null ? null : [endpoint.http];
}

/** A wallet's account on a network. */
export interface OpenedAccount extends OpenedNetwork {
  readonly file: WalletFile;
  readonly account: AccountRecord;
  readonly address: Address;
  readonly sender: Sender;
}

/** Opens a wallet's account on a network. What was cut off earlier is sent again first. */
export async function withAccount<T>(
  context: CommandContext,
  options: WalletOptions,
  use: (opened: OpenedAccount) => Promise<T>,
): Promise<T> {
  const file = await openWallets(context).read(options.name);
  const account = accountOf(file, options.account);
  return await withNetwork(context, options, async ({ network, runtime }) => {
    const address = addressOf(account, network.info.slip44);
    const sender = await Sender.open(network, runtime.store, runtime.clock);
    await sender.refresh();
    return await use({ file, account, address, network, runtime, sender });
  });
}

/** @throws {AccountError} `not-found`. */
export function accountOf(file: WalletFile, number: number): AccountRecord {
  const account = file.accounts[number];
  if (account !== undefined) return account;
  const { name, accounts } = file;
  throw new AccountError(
    "not-found",
    `Wallet ${name} has no account ${number}: they go from 0 to ${accounts.length - 1}.`,
  );
}

/** Whose addresses are known: contacts, the wallet's own accounts, and those that were paid before. */
export async function knownAddresses({
  file,
  network,
  sender,
}: OpenedAccount): Promise<KnownAddress[]> {
  const { slip44, name } = network.info;
  const contacts = file.contacts.filter((contact) => [null, name].includes(contact.network));
  const own = file.accounts.map((account, number) => ({
    address: addressOf(account, slip44),
    name: account.label === "" ? `account ${number} of this wallet` : account.label,
  }));
  const paid = (await sender.list()).flatMap(({ signed, state }) => {
    const { intent, from } = signed.prepared;
    if (state !== "done" && state !== "waiting") return [];
    return (movesOf(intent, from) ?? []).map((move) => ({ address: move.to, name: null }));
  });
  return [...contacts, ...own, ...paid];
}

/** What is meant by `--token`: BTT when absent, `coin`, or a token's address. */
export function assetOf(network: Network, token: string | undefined): Asset {
  const { btt, title } = network.info;
  if (token === "coin") return { kind: "coin" };
  if (token !== undefined && token.toLowerCase() !== "btt") {
    return { kind: "token", address: network.parseAddress(token) };
  }
  if (btt !== null) return btt.asset;
  throw new ChainError(
    "not-found",
    `Where BTT is on ${title} is not known: deploy it (shoal contracts deploy), or name a token with --token.`,
  );
}

import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Address, DEPLOYED_CONTRACTS, toAddress } from "@shoal/chain";
import { openPrivateFolder } from "@shoal/runtime/node";
import type { CommandContext } from "../commands/context.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";

/** What this user has deployed: contracts by name, by the chain's number, and what they were told. */
export interface AddressBook {
  readonly [chainId: string]: {
    readonly contracts: Readonly<Record<string, Address>>;
    /** What a deployment was begun with: what it goes on with. */
    readonly startS?: number;
    readonly owner?: Address;
  };
}

const FILE = "contracts.json";

function folder({ env }: CommandContext) {
  return openPrivateFolder(findShoalFolders(env, process.platform, homedir()).data);
}

/** The user's own book. */
export async function readAddressBook(context: CommandContext): Promise<AddressBook> {
  const bytes = await folder(context).read(FILE);
  if (bytes === null) return {};
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as AddressBook;
}

/** Contracts on a chain: those that everybody knows, and the user's own. */
export function contractsOn(book: AddressBook, chainId: number): Record<string, Address> {
  const own = book[chainId]?.contracts ?? {};
  const all = { ...DEPLOYED_CONTRACTS[chainId], ...own };
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, toAddress(text)]));
}

export async function writeAddressBook(context: CommandContext, book: AddressBook): Promise<void> {
  await folder(context).write(FILE, Buffer.from(`${JSON.stringify(book, null, 2)}\n`));
}

export const addressBookPath = ({ env }: CommandContext): string =>
  join(findShoalFolders(env, process.platform, homedir()).data, FILE);

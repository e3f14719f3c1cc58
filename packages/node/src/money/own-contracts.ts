import { type Address, DEPLOYED_CONTRACTS, toAddress } from "@shoal/chain";
import type { Log, PrivateFolder } from "@shoal/runtime";

/** Beside the wallets: `shoal contracts deploy` writes it. */
const FILE = "contracts.json";

type Book = Readonly<
  Record<string, { readonly contracts?: Readonly<Record<string, string>> } | undefined>
>;

/**
 * Contracts by chain and name: those that everybody knows, and those that this user has deployed. A list that cannot be
 * read keeps nobody from his money: rewards and bounties alone need it.
 * @param folder Of the node's data.
 */
export async function readOwnContracts(
  folder: PrivateFolder,
  log: Log,
): Promise<(chainId: number) => Readonly<Record<string, Address>>> {
  const book = await readBook(folder, log);
  return (chainId) => {
    const all = { ...DEPLOYED_CONTRACTS[chainId], ...book[chainId]?.contracts };
    return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, toAddress(text)]));
  };
}

async function readBook(folder: PrivateFolder, log: Log): Promise<Book> {
  try {
    const bytes = await folder.read(FILE);
    return bytes === null ? {} : (JSON.parse(Buffer.from(bytes).toString()) as Book);
  } catch (error) {
    log.error("the list of contracts that were deployed cannot be read", { error });
    return {};
  }
}

import type { Answer } from "@shoal/api";
import { AccountError, type NetworkInfo } from "@shoal/chain";
import { type AccountView, openAccount } from "../wallet/account-view.ts";
import { NodeError } from "../errors.ts";
import type { Networks, OpenedNetwork } from "../wallet/networks.ts";
import type { Wallets } from "../wallet/wallets.ts";
import type { Site, SiteChoice } from "./site-book.ts";

export interface SiteParts {
  readonly wallets: Wallets;
  readonly networks: Networks;
}

/** Sites speak of accounts and chains as EVM chains do: TRON has another way. */
export function isForSites({ kind }: NetworkInfo): boolean {
  return kind !== "tron";
}

/** As EIP-1193 has it: `0x1`. */
export function chainIdText({ chainId }: NetworkInfo): string {
  return `0x${chainId.toString(16)}`;
}

/** The account that a site was shown. @throws {AccountError} `not-found`; {ChainError}; {NodeError} `bad-request`. */
export async function viewOf(parts: SiteParts, choice: SiteChoice): Promise<AccountView> {
  const view = await openAccount(parts, choice.wallet, choice.account, choice.network);
  if (isForSites(view.network.info)) return view;
  const text = `${view.network.info.title} is not for web sites: they speak to EVM chains.`;
  throw new NodeError("bad-request", text);
}

/** Its address, or none while the wallet is not there (any more). */
export async function accountsOf(parts: SiteParts, choice: SiteChoice): Promise<string[]> {
  try {
    const view = await viewOf(parts, choice);
    return [view.network.formatAddress(view.address)];
  } catch (error) {
    if (error instanceof AccountError) return [];
    throw error;
  }
}

/** The network of a chain's number; null where it is not known. */
export async function networkOfChain(
  { networks }: SiteParts,
  chainId: number,
): Promise<OpenedNetwork["network"] | null> {
  const known = await networks.list();
  return known.find(({ info }) => info.chainId === chainId && isForSites(info)) ?? null;
}

export async function describeSite(
  parts: SiteParts,
  site: Site,
): Promise<Answer<"listSites">["sites"][number]> {
  const { id, origin, wallet, account, network, createdAtMs, lastUsedAtMs } = site;
  // A network that does not answer, as an embedded chain that is off, is no reason to show nothing.
  const [address = null] = await accountsOf(parts, site).catch((): string[] => []);
  return { id, origin, wallet, account, network, address, createdAtMs, lastUsedAtMs };
}

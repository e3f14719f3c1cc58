import { providerError } from "./provider-error.ts";
import { readChainId } from "./read-call.ts";
import type { Site } from "./site-book.ts";
import { accountsOf, networkOfChain } from "./site-view.ts";
import type { Sites } from "./sites.ts";

/** Has the user show a site another network. @see EIP-3326 */
export async function askToSwitch(
  sites: Sites,
  site: Site,
  params: readonly unknown[],
  gone: AbortSignal,
): Promise<null> {
  const chainId = readChainId(params[0]);
  const { money, waiting } = sites;
  const wanted = await networkOfChain(money, chainId);
  if (wanted === null) {
    throw providerError("unknownChain", `Shoal knows no chain ${chainId} that it could speak to.`);
  }
  const now = await money.networks.open(site.network);
  if (wanted.info.chainId === now.network.info.chainId) return null;
  const { origin, id: siteId, wallet, account } = site;
  const network = wanted.info.name;
  const [address = null] = await accountsOf(money, { wallet, account, network });
  await waiting.ask(
    {
      ...{ origin, siteId },
      shown: {
        ...{ kind: "switch-network", wallet, account, network, address },
        lines: [
          { label: "from-network", value: now.network.info.title },
          { label: "network", value: wanted.info.title },
        ],
        ...{ warnings: [], transaction: null },
      },
      carryOut: () => sites.change(siteId, { network }),
    },
    gone,
  );
  return null;
}

/**
 * Chains that are known need not be added, and are switched to. Others are not taken from sites: whoever names the nodes of
 * a chain says what is on it, balances and the outcome of transactions among it.
 * @see EIP-3085
 */
export async function askToAdd(
  sites: Sites,
  site: Site,
  params: readonly unknown[],
  gone: AbortSignal,
): Promise<null> {
  const chainId = readChainId(params[0]);
  if ((await networkOfChain(sites.money, chainId)) !== null) {
    return await askToSwitch(sites, site, params, gone);
  }
  const text = `Shoal takes no chains from web sites, and does not know chain ${chainId}.`;
  throw providerError("unsupported", text);
}

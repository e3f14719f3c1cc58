import { providerError } from "./provider-error.ts";
import type { ProviderCall } from "./read-call.ts";
import type { Site } from "./site-book.ts";
import type { Sites } from "./sites.ts";

/** What a connected site may ask its network: all of it is public, and nothing of it changes anything. */
const READS: ReadonlySet<string> = new Set([
  "eth_blobBaseFee",
  "eth_blockNumber",
  "eth_call",
  "eth_estimateGas",
  "eth_feeHistory",
  "eth_gasPrice",
  "eth_getBalance",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getBlockReceipts",
  "eth_getBlockTransactionCountByHash",
  "eth_getBlockTransactionCountByNumber",
  "eth_getCode",
  "eth_getLogs",
  "eth_getProof",
  "eth_getStorageAt",
  "eth_getTransactionByBlockHashAndIndex",
  "eth_getTransactionByBlockNumberAndIndex",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
  "eth_maxPriorityFeePerGas",
  "eth_syncing",
  "web3_sha3",
]);

export function isRead(method: string): boolean {
  return READS.has(method);
}

/** Asks the network of a site. @throws {RpcError} what the node refuses; {ChainError} when none answers. */
export async function readChain(
  sites: Sites,
  site: Site,
  { method, params }: ProviderCall,
): Promise<unknown> {
  return await sites.inTurn(site, async () => {
    const { network } = await sites.money.networks.open(site.network);
    if (network.request === undefined) {
      throw providerError("unsupported", `${network.info.title} has nothing to ask it by.`);
    }
    return await network.request(method, params);
  });
}

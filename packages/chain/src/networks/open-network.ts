import type { HttpClient } from "@shoal/runtime";
import { ChainError, RpcError } from "../errors.ts";
import { EVM_COIN } from "../accounts/derive-key.ts";
import { EvmNetwork } from "../evm/evm-network.ts";
import { readAddress, readFields, readNumber } from "../evm/read-answer.ts";
import type { Address } from "../network/address.ts";
import type { NetworkInfo } from "../network/network-info.ts";
import type { Network } from "../network/network.ts";
import { Endpoints } from "../rpc/endpoints.ts";
import { createHttpRpc, nameOfUrl } from "../rpc/http-rpc.ts";
import type { Endpoint, Rpc } from "../rpc/rpc.ts";
import { listTronNetworks, openTron, type OpenTronOptions } from "./open-tron.ts";
import { EMBEDDED_RPC_URL, ETHER, KNOWN_EVM_NETWORKS } from "./known-networks.ts";

export interface OpenNetworkOptions extends OpenTronOptions {
  readonly http: HttpClient;
  /** Endpoints instead of those that are known. With one, its word alone counts: it should be one's own node. */
  readonly rpcUrls?: readonly string[];
  /** The embedded chain in this process, instead of one behind HTTP. */
  readonly embedded?: Rpc;
  /** Contracts of Shoal on that network, beside those that are known. */
  readonly contractsOn?: (chainId: number) => Readonly<Record<string, Address>>;
  /** How long an endpoint may take to answer. */
  readonly timeoutMs?: number;
}

/** Names that `openNetwork` takes, and what they stand for. */
export function listNetworks(): readonly { readonly name: string; readonly title: string }[] {
  return [
    { name: "embedded", title: "Embedded chain on this machine (play money)" },
    ...KNOWN_EVM_NETWORKS.map(({ info: { name, title } }) => ({ name, title })),
    ...listTronNetworks(),
    { name: "evm", title: "Any EVM chain, named by its endpoints" },
  ];
}

/** Public nodes of an EVM network, for programs that ask for themselves; none where no network of that name has any. */
export function knownEndpoints(name: string): readonly string[] {
  return KNOWN_EVM_NETWORKS.find(({ info }) => info.name === name)?.endpoints ?? [];
}

/**
 * Opens a network by its name. Only the embedded chain, `evm`, and test networks of TRON at an
 * address of one's own are asked anything for that.
 * @throws {ChainError} `unknown-network`; `unreachable` where no embedded chain runs.
 */
export async function openNetwork(name: string, options: OpenNetworkOptions): Promise<Network> {
  if (name === "embedded") return await openEmbedded(options);
  if (name === "evm") return await openUnknownEvm(options);
  const tron = await openTron(name, options);
  if (tron !== null) return tron;
  const known = KNOWN_EVM_NETWORKS.find(({ info }) => info.name === name);
  if (known === undefined) {
    const names = listNetworks().map((network) => network.name);
    throw new ChainError("unknown-network", `There is no network ${name}: ${names.join(", ")}.`);
  }
  const info = withContracts(known.info, options);
  const urls = options.rpcUrls ?? known.endpoints;
  return createEvmNetwork(info, toEndpoints(urls, options), known.finality);
}

/** An EVM network over whatever answers JSON-RPC. */
export function createEvmNetwork(
  info: NetworkInfo,
  endpoints: readonly Endpoint[],
  finality: "tag" | "depth",
): Network {
  const { title, chainId } = info;
  return new EvmNetwork({
    info,
    endpoints: new Endpoints({ title, endpoints, chainId }),
    finality,
  });
}

/** What an embedded chain says of itself decides: each has a number, and a token, of its own. */
async function openEmbedded(options: OpenNetworkOptions): Promise<Network> {
  const { embedded, rpcUrls = [EMBEDDED_RPC_URL] } = options;
  const endpoint: Endpoint =
    embedded === undefined
      ? toEndpoints(rpcUrls.slice(0, 1), options)[0]!
      : { name: "this process", rpc: embedded };
  const answer = await askChainInfo(endpoint);
  const {
    chainId,
    btt,
    blockTimeMs,
    contracts = {},
  } = readFields(answer, "description of a chain");
  const own = Object.entries(readFields(contracts, "description of a chain's contracts"));
  const info: NetworkInfo = {
    name: "embedded",
    title: "embedded chain (play money)",
    kind: "embedded",
    chainId: readNumber(chainId),
    isPlayMoney: true,
    coin: ETHER,
    btt: {
      asset: { kind: "token", address: readAddress(btt) },
      meaning: "play",
      symbol: "BTT",
      name: "BitTorrent (play money)",
      decimals: 18,
    },
    contracts: Object.fromEntries(own.map(([name, address]) => [name, readAddress(address)])),
    explorer: null,
    // A single sequencer, whose blocks are on the disk before anybody hears of them.
    confirmations: 1,
    blockTimeMs: typeof blockTimeMs === "number" ? Math.max(blockTimeMs, 200) : 1_000,
    slip44: EVM_COIN,
    can: { replace: true, deployDeterministically: true, faucet: true },
  };
  return createEvmNetwork(withContracts(info, options), [endpoint], "depth");
}

async function askChainInfo(endpoint: Endpoint): Promise<unknown> {
  try {
    return await endpoint.rpc.request({ method: "shoal_chainInfo" });
  } catch (cause) {
    if (cause instanceof RpcError) {
      const text = `${endpoint.name} is no embedded chain of Shoal: name its network with --network.`;
      throw new ChainError("wrong-network", text, { cause });
    }
    if (!(cause instanceof ChainError) || cause.code !== "unreachable") throw cause;
    throw new ChainError(
      "unreachable",
      `No embedded chain runs at ${endpoint.name}. Start one with: shoal chain start`,
      { cause },
    );
  }
}

/** A chain that nobody has described: its number is asked for, and its coin is taken to be like ether. */
async function openUnknownEvm(options: OpenNetworkOptions): Promise<Network> {
  const endpoints = toEndpoints(options.rpcUrls ?? [], options);
  const [first] = endpoints;
  if (first === undefined) {
    throw new ChainError("unreachable", "Network evm needs an endpoint: name it with --rpc.");
  }
  const chainId = readNumber(await first.rpc.request({ method: "eth_chainId" }));
  const info: NetworkInfo = {
    name: "evm",
    title: `EVM chain ${chainId}`,
    kind: "evm",
    chainId,
    isPlayMoney: false,
    coin: { symbol: "coin", name: `Coin of chain ${chainId}`, decimals: 18 },
    btt: null,
    contracts: {},
    explorer: null,
    confirmations: 64,
    blockTimeMs: 5_000,
    slip44: EVM_COIN,
    can: { replace: true, deployDeterministically: true, faucet: false },
  };
  return createEvmNetwork(withContracts(info, options), endpoints, "depth");
}

function toEndpoints(urls: readonly string[], options: OpenNetworkOptions): Endpoint[] {
  const { http, timeoutMs } = options;
  const limits = timeoutMs === undefined ? {} : { timeoutMs };
  return urls.map((url) => ({ name: nameOfUrl(url), rpc: createHttpRpc(http, url, limits) }));
}

/** Shoal's own BTT, where it has been deployed, is the BTT that is meant. */
function withContracts(info: NetworkInfo, { contractsOn }: OpenNetworkOptions): NetworkInfo {
  const all = { ...info.contracts, ...contractsOn?.(info.chainId) };
  const own = all.BTT;
  if (own === undefined || info.kind === "embedded") return { ...info, contracts: all };
  const btt = {
    asset: { kind: "token", address: own },
    meaning: info.isPlayMoney ? "play" : "shoal",
    symbol: "BTT",
    name: "BitTorrent (Shoal)",
    decimals: 18,
  } as const;
  return { ...info, contracts: all, btt };
}

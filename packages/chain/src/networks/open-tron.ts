import type { Clock, HttpClient } from "@shoal/runtime";
import { ChainError } from "../errors.ts";
import type { Address } from "../network/address.ts";
import type { BttPlace, NetworkInfo } from "../network/network-info.ts";
import type { Network } from "../network/network.ts";
import { Endpoints } from "../rpc/endpoints.ts";
import { nameOfUrl } from "../rpc/http-rpc.ts";
import type { Endpoint } from "../rpc/rpc.ts";
import { parseTronAddress } from "../tron/address.ts";
import { KNOWN_TRON_NETWORKS, TRON } from "../tron/known-tron-networks.ts";
import { readFields } from "../tron/read-node.ts";
import { TronNetwork } from "../tron/tron-network.ts";
import { createTronRpc } from "../tron/tron-rpc.ts";

/** Where an emulation of TRON listens unless it is told otherwise. */
export const TRON_EMULATION_URL = "http://127.0.0.1:9090";

/** Made by whoever has no TRON at hand. */
const EMULATION = "tron-emulation";

export interface OpenTronOptions {
  readonly http: HttpClient;
  /** Nodes instead of those that are known. With one, its word alone counts: it should be one's own. */
  readonly rpcUrls?: readonly string[];
  readonly contracts?: Readonly<Record<string, Address>>;
  readonly timeoutMs?: number;
  /** TronGrid's key, for more requests a second. It is sent to TronGrid alone. */
  readonly tronApiKey?: string;
  readonly clock?: Pick<Clock, "nowMs">;
}

/** Names that `openTron` takes, and what they stand for. */
export function listTronNetworks(): readonly { readonly name: string; readonly title: string }[] {
  return [
    ...KNOWN_TRON_NETWORKS.map(({ info: { name, title } }) => ({ name, title })),
    { name: EMULATION, title: "Emulation of TRON on this machine (an EVM, not a TVM; play money)" },
  ];
}

/**
 * Opens a network of TRON by its name. A test network at an address of one's own is taken for what the node there says of
 * itself, since nothing is at stake; the main network never is.
 * @returns null when no network of TRON has that name.
 * @throws {ChainError} `unreachable` where no emulation runs.
 */
export async function openTron(name: string, options: OpenTronOptions): Promise<Network | null> {
  const { rpcUrls } = options;
  const known = KNOWN_TRON_NETWORKS.find(({ info }) => info.name === name);
  if (known === undefined && name !== EMULATION) return null;
  const urls = rpcUrls ?? known?.endpoints ?? [TRON_EMULATION_URL];
  const endpoints = urls.map((url): Endpoint => ({
    name: nameOfUrl(url),
    rpc: createTronRpc(options.http, url, {
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
      ...(options.tronApiKey !== undefined && { apiKey: options.tronApiKey }),
    }),
  }));
  const [first] = endpoints;
  const isOwnTest = rpcUrls !== undefined && known?.info.isPlayMoney === true;
  let info = known?.info;
  if (first !== undefined && (info === undefined || isOwnTest)) {
    info = await describe(info ?? null, first);
  }
  if (info === undefined) {
    throw new ChainError("unreachable", `Network ${name} needs an endpoint: name it with --rpc.`);
  }
  const { title, chainId } = info;
  const { clock } = options;
  return new TronNetwork({
    info: withContracts(info, options.contracts ?? {}),
    endpoints: new Endpoints({ title, endpoints, chainId }),
    ...(clock !== undefined && { nowMs: () => clock.nowMs() }),
  });
}

/** What a node says of itself: its chain, and where an emulation has its BTT. */
async function describe(known: NetworkInfo | null, endpoint: Endpoint): Promise<NetworkInfo> {
  const chainId = Number(await askChainId(endpoint, known === null));
  const emulation = await askEmulation(endpoint);
  if (emulation === null) {
    if (known !== null) return { ...known, chainId };
    const text = `${endpoint.name} is a node of TRON, and no emulation: name its network with --network.`;
    throw new ChainError("wrong-network", text);
  }
  const { btt, blockTimeMs } = emulation;
  return {
    ...TRON,
    name: known?.name ?? EMULATION,
    title: "emulation of TRON (an EVM, not a TVM; play money)",
    chainId,
    isPlayMoney: true,
    explorer: null,
    btt: typeof btt === "string" ? playBtt(parseTronAddress(btt)) : null,
    blockTimeMs: typeof blockTimeMs === "number" ? Math.max(blockTimeMs, 200) : TRON.blockTimeMs,
    can: { ...TRON.can, faucet: true },
  };
}

async function askChainId(endpoint: Endpoint, isEmulation: boolean): Promise<unknown> {
  try {
    return await endpoint.rpc.request({ method: "eth_chainId" });
  } catch (cause) {
    const isAway = cause instanceof ChainError && cause.code === "unreachable";
    if (!isAway || !isEmulation) throw cause;
    throw new ChainError(
      "unreachable",
      `No emulation of TRON runs at ${endpoint.name}. Start one with: shoal chain start --tron`,
      { cause },
    );
  }
}

/** Null at a real node, which has no such thing. */
async function askEmulation(
  endpoint: Endpoint,
): Promise<{ readonly btt?: unknown; readonly blockTimeMs?: unknown } | null> {
  try {
    const answer = await endpoint.rpc.request({ method: "shim/info" });
    const fields = readFields(answer, "description");
    return typeof fields["emulation"] === "string" ? fields : null;
  } catch {
    return null;
  }
}

function playBtt(address: Address): BttPlace {
  return {
    asset: { kind: "token", address },
    meaning: "play",
    symbol: "BTT",
    name: "BitTorrent (play money)",
    decimals: 18,
  };
}

/** Shoal's own BTT, where it has been deployed, is the BTT that is meant. */
function withContracts(
  info: NetworkInfo,
  contracts: Readonly<Record<string, Address>>,
): NetworkInfo {
  const all = { ...info.contracts, ...contracts };
  const own = all["BTT"];
  if (own === undefined) return { ...info, contracts: all };
  const btt: BttPlace = {
    asset: { kind: "token", address: own },
    meaning: info.isPlayMoney ? "play" : "shoal",
    symbol: "BTT",
    name: "BitTorrent (Shoal)",
    decimals: 18,
  };
  return { ...info, contracts: all, btt };
}

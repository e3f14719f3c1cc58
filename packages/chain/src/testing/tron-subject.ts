import type { Clock, HttpClient } from "@shoal/runtime";
import type { NetworkInfo } from "../network/network-info.ts";
import { Endpoints } from "../rpc/endpoints.ts";
import { nameOfUrl } from "../rpc/http-rpc.ts";
import type { Rpc } from "../rpc/rpc.ts";
import { TRON } from "../tron/known-tron-networks.ts";
import { TronNetwork } from "../tron/tron-network.ts";
import { createTronRpc } from "../tron/tron-rpc.ts";

/** What an emulation is described by. */
export function emulationInfo(chainId: number): NetworkInfo {
  return {
    ...TRON,
    name: "tron-emulation",
    title: "emulation of TRON",
    chainId,
    isPlayMoney: true,
    btt: null,
    explorer: null,
    blockTimeMs: 200,
    can: { ...TRON.can, faucet: true },
  };
}

/** The network behind one address. */
export function tronNetworkAt(
  url: string,
  chainId: number,
  { http, clock }: { readonly http: HttpClient; readonly clock: Clock },
): TronNetwork {
  return tronNetworkOver([{ name: nameOfUrl(url), rpc: createTronRpc(http, url) }], chainId, clock);
}

/** The network behind several endpoints, whatever they are. */
export function tronNetworkOver(
  endpoints: readonly { readonly name: string; readonly rpc: Rpc }[],
  chainId: number,
  clock: Pick<Clock, "nowMs">,
): TronNetwork {
  const info = emulationInfo(chainId);
  return new TronNetwork({
    info,
    endpoints: new Endpoints({ title: info.title, endpoints, chainId }),
    nowMs: () => clock.nowMs(),
  });
}

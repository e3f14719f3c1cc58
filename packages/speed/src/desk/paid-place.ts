import { type Address, ChainError, type Network } from "@shoal/chain";
import type { Clock, Store } from "@shoal/runtime";
import { ChannelStore } from "../buying/channel-store.ts";
import { PayDigests } from "../channel/pay-digests.ts";
import { ClaimStore } from "../selling/claim-store.ts";
import { ChannelsContract } from "../settlement/channels-contract.ts";

/** Where bandwidth is paid on a network, and what this machine keeps of it. */
export interface PaidPlace {
  readonly contract: ChannelsContract;
  /** The token that channels hold. */
  readonly token: Address;
  readonly digests: PayDigests;
  readonly channels: ChannelStore;
  readonly claims: ClaimStore;
  /** Whether a wei is worth nothing here. */
  readonly isPlayMoney: boolean;
}

/**
 * Opens what is kept about bandwidth on a network. One at a time with a store: what it knows of channels and claims is
 * in memory, too.
 * @throws {ChainError} `not-found` where the contract is not. {StoreError}
 */
export async function openPaidPlace(init: {
  readonly network: Network;
  readonly store: Store;
  readonly clock: Clock;
}): Promise<PaidPlace> {
  const { network, store, clock } = init;
  const { address, token } = findContract(network);
  const { chainId, isPlayMoney } = network.info;
  const kept = { store, clock, network: `${chainId}:${address}` };
  return {
    contract: new ChannelsContract(network, address),
    token,
    digests: new PayDigests({ chainId, contract: address }),
    channels: await ChannelStore.open(kept),
    claims: await ClaimStore.open(kept),
    isPlayMoney,
  };
}

function findContract({ info }: Network): { readonly address: Address; readonly token: Address } {
  const { BandwidthChannels: address, WrappedBTT: wrapped } = info.contracts;
  const token = info.btt?.asset.kind === "token" ? info.btt.asset.address : wrapped;
  if (address !== undefined && token !== undefined) return { address, token };
  throw new ChainError(
    "not-found",
    `Where bandwidth is paid on ${info.title} is not known: deploy its contracts (shoal contracts deploy), or name another --network.`,
  );
}

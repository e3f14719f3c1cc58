import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Address, ChainError, KeySigner, type Network } from "@shoal/chain";
import type { Random } from "@shoal/runtime";
import { openPrivateFolder } from "@shoal/runtime/node";
import { ChannelsContract, ChannelStore, ClaimStore, PayDigests } from "@shoal/speed";
import type { CommandContext } from "../commands/context.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";
import type { OpenedAccount } from "../wallet/open-wallet.ts";

const KEY_FILE = "session-key";

/** Where bandwidth is paid on a network, and what this machine keeps of it. */
export interface OpenedSpeed {
  readonly contract: ChannelsContract;
  /** The token that channels hold. */
  readonly token: Address;
  readonly digests: PayDigests;
  readonly channels: ChannelStore;
  readonly claims: ClaimStore;
  /** Whether a wei is worth anything here. */
  readonly isPlayMoney: boolean;
}

/** @throws {ChainError} `not-found` where the contract is not. */
export async function openSpeed({ network, runtime }: OpenedAccount): Promise<OpenedSpeed> {
  const { address, token } = placeOf(network);
  const { chainId, isPlayMoney } = network.info;
  const place = { ...runtime, network: `${chainId}:${address}` };
  return {
    contract: new ChannelsContract(network, address),
    token,
    digests: new PayDigests({ chainId, contract: address }),
    channels: await ChannelStore.open(place),
    claims: await ClaimStore.open(place),
    isPlayMoney,
  };
}

/** This device's key for vouchers, made when there is none. It can spend what its channels hold, and nothing else. */
export async function openSessionKey(
  { env }: CommandContext,
  random: Random,
): Promise<{ readonly key: Uint8Array; readonly address: Address }> {
  const { data } = findShoalFolders(env, process.platform, homedir());
  const folder = openPrivateFolder(join(data, "speed"));
  let key = await folder.read(KEY_FILE);
  if (key === null) {
    key = random.bytes(32);
    await folder.create(KEY_FILE, key);
  }
  return { key, address: new KeySigner(Uint8Array.from(key)).address };
}

function placeOf({ info }: Network): { readonly address: Address; readonly token: Address } {
  const { BandwidthChannels: address, WrappedBTT: wrapped } = info.contracts;
  const token = info.btt?.asset.kind === "token" ? info.btt.asset.address : wrapped;
  if (address !== undefined && token !== undefined) return { address, token };
  throw new ChainError(
    "not-found",
    `Where bandwidth is paid on ${info.title} is not known: deploy its contracts (shoal contracts deploy), or name another --network.`,
  );
}

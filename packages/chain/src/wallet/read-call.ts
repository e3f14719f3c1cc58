import {
  bandwidthChannelsAbi,
  bttAbi,
  premiumPassAbi,
  saleAbi,
  seedBountiesAbi,
  seedRewardsAbi,
  vestingAbi,
  wrappedBttAbi,
} from "@shoal/contracts";
import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  decodeFunctionData,
  getAbiItem,
  parseAbi,
} from "viem";
import { formatEvmAddress, toAddress } from "../network/address.ts";
import type { Network } from "../network/network.ts";
import type { CallIntent } from "../network/transaction.ts";
import { visible } from "./signing-lines.ts";

/** Shoal's contracts, as networks name them. */
const OWN_ABIS: Readonly<Record<string, Abi>> = {
  BTT: bttAbi,
  BandwidthChannels: bandwidthChannelsAbi,
  PremiumPass: premiumPassAbi,
  Sale: saleAbi,
  SeedBounties: seedBountiesAbi,
  SeedRewards: seedRewardsAbi,
  Vesting: vestingAbi,
  WrappedBtt: wrappedBttAbi,
};

/** Functions of tokens, which mean the same wherever they are. */
const TOKEN_ABI = parseAbi([
  "function transfer(address to, uint256 amount)",
  "function transferFrom(address from, address to, uint256 amount)",
  "function approve(address spender, uint256 amount)",
  "function increaseAllowance(address spender, uint256 addedValue)",
  "function decreaseAllowance(address spender, uint256 subtractedValue)",
  "function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)",
  "function setApprovalForAll(address operator, bool approved)",
  "function safeTransferFrom(address from, address to, uint256 tokenId)",
  "function safeTransferFrom(address from, address to, uint256 tokenId, bytes data)",
  "function approve(address token, address spender, uint160 amount, uint48 expiration)",
]);

/** A call, as far as its data says what it is. */
export interface ReadCall {
  /** Shoal's own name of the contract; null for all others. */
  readonly contractName: string | null;
  readonly functionName: string;
  /** Values by the names of the parameters. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The same for people. */
  readonly shown: readonly { readonly name: string; readonly value: string }[];
}

/** Reads a call by the ABI of the contract, where it is Shoal's, or as a token's; null when it is not known. */
export function readCall({ info }: Network, { to, data }: CallIntent): ReadCall | null {
  const isBtt = info.btt?.asset.kind === "token" && info.btt.asset.address === to;
  const named = Object.entries(info.contracts).find(([, address]) => address === to)?.[0];
  const contractName = named ?? (isBtt ? "BTT" : null);
  const own = contractName === null ? undefined : OWN_ABIS[contractName];
  // Tokens' functions first: what they do is known by the names of their parameters here.
  const abis: readonly Abi[] = own === undefined ? [TOKEN_ABI] : [TOKEN_ABI, own];
  for (const abi of abis) {
    try {
      const { functionName, args = [] } = decodeFunctionData({ abi, data });
      const item = getAbiItem({ abi, name: data.slice(0, 10) }) as AbiFunction;
      const names = item.inputs.map(({ name }, at) => name ?? `argument ${at + 1}`);
      const values: readonly unknown[] = args;
      return {
        contractName: own === undefined ? null : contractName,
        functionName,
        values: Object.fromEntries(names.map((name, at) => [name, values[at]])),
        shown: names.map((name, at) => ({
          name,
          value: showValue(item.inputs[at]!, values[at]),
        })),
      };
    } catch {}
  }
  return null;
}

function showValue({ type }: AbiParameter, value: unknown): string {
  if (type === "address") return formatEvmAddress(toAddress(String(value)));
  if (typeof value !== "object" || value === null) return visible(String(value));
  return visible(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "bigint" ? inner.toString() : inner,
    ),
  );
}

import {
  allocationArtifact,
  bandwidthChannelsArtifact,
  BTT_TOTAL_SUPPLY_WEI,
  bttArtifact,
  type ContractArtifact,
  premiumPassArtifact,
  seedBountiesArtifact,
  seedRewardsArtifact,
  wrappedBttArtifact,
} from "@shoal/contracts";
import { concat, encodeDeployData, getCreate2Address, keccak256, toHex } from "viem";
import { type Address, type Hex, toAddress } from "../network/address.ts";
import type { NetworkInfo } from "../network/network-info.ts";
import type { Intent } from "../network/transaction.ts";

/**
 * Deploys what it is sent by CREATE2, at the same address on nearly every EVM chain.
 * @see https://github.com/Arachnid/deterministic-deployment-proxy
 */
export const CREATE2_DEPLOYER = toAddress("0x4e59b44847b379578588920cA78FbF26c0B4956C");

/** Another word is other addresses: changed when contracts are to be deployed anew. */
const SALT = keccak256(toHex("shoal contracts 1"));

/** What the contracts are told once and for all. */
export interface DeployParameters {
  /** Who owns what has an owner: treasury, authority of rewards, steward of the allocation. */
  readonly owner: Address;
  /** When vesting begins, in seconds since 1970. */
  readonly startS: number;
  /** A month of the premium pass, in wei of BTT. */
  readonly passPriceWei: bigint;
}

/** A contract to be deployed: its arguments may need the addresses of those before it. */
export interface DeployStep {
  readonly name: string;
  readonly artifact: ContractArtifact;
  args(addresses: Readonly<Record<string, Address>>): readonly unknown[];
}

/**
 * What belongs on a network, in order. Where BTT is the coin it is wrapped; where Shoal's own is there already it is
 * used; elsewhere it is minted, into the allocation.
 */
export function planDeployment(info: NetworkInfo, parameters: DeployParameters): DeployStep[] {
  const { owner, startS, passPriceWei } = parameters;
  const { btt } = info;
  const steps: DeployStep[] = [];
  let token: (addresses: Readonly<Record<string, Address>>) => Address;
  if (btt?.asset.kind === "coin") {
    steps.push({ name: "WrappedBTT", artifact: wrappedBttArtifact, args: () => [] });
    token = ({ WrappedBTT }) => WrappedBTT!;
  } else if (btt !== null && btt.meaning !== "live" && info.contracts.BTT === undefined) {
    const { address } = btt.asset;
    token = () => address;
  } else {
    steps.push(
      {
        name: "Allocation",
        artifact: allocationArtifact,
        args: () => [owner, owner, owner, BigInt(startS), owner],
      },
      {
        name: "BTT",
        artifact: bttArtifact,
        args: ({ Allocation }) => [[Allocation], [BTT_TOTAL_SUPPLY_WEI]],
      },
    );
    token = ({ BTT }) => BTT!;
  }
  steps.push(
    {
      name: "BandwidthChannels",
      artifact: bandwidthChannelsArtifact,
      args: (addresses) => [token(addresses)],
    },
    {
      name: "SeedBounties",
      artifact: seedBountiesArtifact,
      args: (addresses) => [token(addresses)],
    },
    {
      name: "SeedRewards",
      artifact: seedRewardsArtifact,
      args: ({ BandwidthChannels }) => [BandwidthChannels, owner, [owner]],
    },
    {
      name: "PremiumPass",
      artifact: premiumPassArtifact,
      args: (addresses) => [token(addresses), owner, owner, passPriceWei],
    },
  );
  return steps;
}

/** Creation code with the constructor's arguments. */
export function creationCode(step: DeployStep, addresses: Readonly<Record<string, Address>>): Hex {
  const { abi, bytecode } = step.artifact;
  return encodeDeployData({ abi, bytecode, args: [...step.args(addresses)] });
}

/** Where the deployer puts a contract of that code. */
export function create2Address(code: Hex): Address {
  return toAddress(getCreate2Address({ from: CREATE2_DEPLOYER, salt: SALT, bytecode: code }));
}

export function create2Intent(name: string, code: Hex): Intent {
  return {
    kind: "call",
    to: CREATE2_DEPLOYER,
    data: concat([SALT, code]),
    spends: [],
    summary: `deploy ${name} at ${create2Address(code)}`,
  };
}

/** Whether code on a chain is what was compiled, whatever its constructor has put into it. */
export function isCodeOf({ runtimeBytecode, immutables }: ContractArtifact, code: Hex): boolean {
  if (code.length !== runtimeBytecode.length) return false;
  const digits = code.toLowerCase().split("");
  for (const { offsetBytes, lengthBytes } of immutables) {
    digits.fill("0", 2 + 2 * offsetBytes, 2 + 2 * (offsetBytes + lengthBytes));
  }
  return digits.join("") === runtimeBytecode.toLowerCase();
}

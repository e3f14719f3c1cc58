import { BTT_TOTAL_SUPPLY_WEI, bttArtifact } from "@shoal/contracts";
import { keccak256, toHex } from "viem";
import { KeySigner } from "../accounts/key-signer.ts";
import { EVM_COIN } from "../accounts/derive-key.ts";
import type { Address } from "../network/address.ts";
import { deployContract } from "../network/contract.ts";
import type { NetworkInfo } from "../network/network-info.ts";
import type { Network } from "../network/network.ts";
import { ETHER } from "../networks/known-networks.ts";
import { createEvmNetwork } from "../networks/open-network.ts";
import type { Endpoint, Rpc } from "../rpc/rpc.ts";
import { createTestEvm, type TestEvm } from "./test-evm.ts";

/** A signer for a word. */
export function signerOf(word: string): KeySigner {
  return new KeySigner(Uint8Array.from(Buffer.from(keccak256(toHex(word)).slice(2), "hex")));
}

export const ann = signerOf("ann");
export const bob = signerOf("bob");
export const carol = signerOf("carol");

export interface EvmWorld {
  readonly evm: TestEvm;
  readonly info: NetworkInfo;
  /** A network whose only endpoint is the EVM itself. */
  readonly network: Network;
  /** BTT: all of it is Ann's. */
  readonly btt: Address;
  /** A network over these endpoints. */
  readonly networkOver: (endpoints: readonly Endpoint[]) => Network;
}

/** An EVM with BTT on it, Ann being rich. */
export async function createEvmWorld(
  change: Partial<NetworkInfo> = {},
  options: { readonly autoMine?: boolean } = {},
): Promise<EvmWorld> {
  const evm = await createTestEvm([ann.address, bob.address]);
  const bare: NetworkInfo = {
    name: "test",
    title: "test chain",
    kind: "evm",
    chainId: evm.chainId,
    isPlayMoney: true,
    coin: ETHER,
    btt: null,
    contracts: {},
    explorer: null,
    confirmations: 3,
    blockTimeMs: 200,
    slip44: EVM_COIN,
    can: { replace: true, deployDeterministically: true, faucet: false },
    ...change,
  };
  const over = (info: NetworkInfo, endpoints: readonly Endpoint[]) =>
    createEvmNetwork(info, endpoints, "depth");
  const direct = [{ name: "evm", rpc: evm }];
  const deployer = over(bare, direct);
  const { abi, bytecode } = bttArtifact;
  const deployment = deployContract({
    abi,
    bytecode,
    args: [[ann.address], [BTT_TOTAL_SUPPLY_WEI]],
  });
  const prepared = await deployer.prepare(deployment, { from: ann.address });
  const signed = await deployer.sign(prepared, ann);
  await deployer.broadcast(signed);
  const btt = prepared.contractAddress!;
  const info: NetworkInfo = {
    ...bare,
    btt: {
      ...ETHER,
      symbol: "BTT",
      name: "BTT",
      asset: { kind: "token", address: btt },
      meaning: "play",
    },
  };
  if (options.autoMine === false) await evm.request({ method: "evm_setAutomine", params: [false] });
  return {
    evm,
    info,
    btt,
    network: over(info, direct),
    networkOver: (endpoints) => over(info, endpoints),
  };
}

/** The EVM as seen by an endpoint with faults of its own. */
export function faulty(
  rpc: Rpc,
  fault: (
    method: string,
    next: () => Promise<unknown>,
    params: readonly unknown[],
  ) => Promise<unknown>,
): Rpc {
  return {
    request: ({ method, params = [] }) =>
      fault(method, () => rpc.request({ method, params }), params),
  };
}

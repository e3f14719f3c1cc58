import { sign } from "viem/accounts";
import type { Address } from "../network/address.ts";
import type { TronContract, TronDeployment, TronTrigger } from "../tron/contract-codec.ts";
import {
  encodeTronRawData,
  type TronRawData,
  type TronTransaction,
  tronTransactionId,
} from "../tron/transaction.ts";
import { refBlockBytes, refBlockHash } from "../tron-shim/shim-block.ts";
import type { ShimChain } from "../tron-shim/shim-chain.ts";
import type { TronPerson } from "./tron-world.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replace(/^0x/, ""), "hex"));

/** A transaction on top of the newest block, signed. */
export async function signedTransaction(
  chain: ShimChain,
  signer: TronPerson,
  contract: TronContract,
  overrides: Partial<TronRawData> = {},
): Promise<TronTransaction> {
  const { number, id, timestampMs } = chain.head;
  const raw: TronRawData = {
    refBlockBytes: bytes(refBlockBytes(number)),
    refBlockHash: bytes(refBlockHash(id)),
    expirationMs: timestampMs + 60_000,
    timestampMs,
    feeLimitSun: contract.kind === "transfer" ? 0n : 1_000_000_000n,
    memo: new Uint8Array(),
    permissionId: 0,
    contract,
    ...overrides,
  };
  const rawData = encodeTronRawData(raw);
  return { rawData, raw, signatures: [await signatureOf(rawData, signer)] };
}

/** r, s and v (27 or 28). */
export async function signatureOf(rawData: Uint8Array, signer: TronPerson): Promise<Uint8Array> {
  const hash = `0x${tronTransactionId(rawData)}` as const;
  return bytes(await sign({ hash, privateKey: signer.key, to: "hex" }));
}

export function transferOf(owner: Address, to: Address, amountSun: bigint): TronContract {
  return { kind: "transfer", owner, to, amountSun };
}

export function triggerOf(
  owner: Address,
  contract: Address,
  data: string,
  callValueSun = 0n,
): TronTrigger {
  const none = { tokenValue: 0n, tokenId: 0n };
  return { kind: "trigger", owner, contract, data: bytes(data), callValueSun, ...none };
}

export function deploymentOf(
  owner: Address,
  initCode: string,
  overrides: Partial<TronDeployment> = {},
): TronDeployment {
  return {
    kind: "deploy",
    owner,
    name: "",
    bytecode: bytes(initCode),
    abi: [],
    callValueSun: 0n,
    consumeUserResourcePercent: 100,
    originEnergyLimit: 1n,
    tokenValue: 0n,
    tokenId: 0n,
    ...overrides,
  };
}

/** Init code that puts `runtime` on the chain, at most 255 bytes of it. */
export function initCodeOf(runtime: string): string {
  const length = (runtime.length / 2).toString(16).padStart(2, "0");
  return `60${length}600c60003960${length}6000f3${runtime}`;
}

import { encodeDeployData, encodeFunctionData, erc20Abi } from "viem";
import { BTT_TOTAL_SUPPLY_WEI, bttAbi, bttArtifact } from "@shoal/contracts";
import { KeySigner } from "../accounts/key-signer.ts";
import { ChainError } from "../errors.ts";
import type { Address, Hex } from "../network/address.ts";
import { tronAbiOf } from "../tron/contract-abi.ts";
import type { TronContract } from "../tron/contract-codec.ts";
import { encodeTronRawData, type TronRawData, tronTransactionId } from "../tron/transaction.ts";
import { refBlockBytes, refBlockHash } from "./shim-block.ts";
import type { ShimChain } from "./shim-chain.ts";

/** What somebody is given: enough for a few hundred transactions, and BTT to play with. */
export const GIFT_SUN = 10_000_000_000n;
export const GIFT_WEI = 10_000n * 10n ** 18n;

const LIFETIME_MS = 60_000;
const FEE_LIMIT_SUN = 5_000_000_000n;
const ORIGIN_ENERGY_LIMIT = 10_000_000n;

/** Gives play money away: TRX of its own, and the BTT that it deployed. Each gift is a transaction like any other. */
export class ShimFaucet {
  readonly #chain: ShimChain;
  readonly #signer: KeySigner;
  readonly #btt: Address;

  private constructor(chain: ShimChain, signer: KeySigner, btt: Address) {
    this.#chain = chain;
    this.#signer = signer;
    this.#btt = btt;
  }

  /**
   * Deploys BTT, all of it the faucet's.
   * @param key 32 bytes, of an account that has TRX on the chain.
   */
  static async open(chain: ShimChain, key: Uint8Array): Promise<ShimFaucet> {
    const signer = new KeySigner(key);
    const args = [[signer.address], [BTT_TOTAL_SUPPLY_WEI]] as const;
    const code = encodeDeployData({ abi: bttAbi, bytecode: bttArtifact.bytecode, args });
    const id = await send(chain, signer, {
      kind: "deploy",
      owner: signer.address,
      name: "BTT",
      bytecode: bytesOf(code),
      abi: tronAbiOf(bttAbi),
      callValueSun: 0n,
      consumeUserResourcePercent: 100,
      originEnergyLimit: ORIGIN_ENERGY_LIMIT,
      tokenValue: 0n,
      tokenId: 0n,
    });
    const execution = chain.find(id)?.execution;
    if (execution?.result !== "SUCCESS") {
      const result = execution?.result ?? "not in a block";
      throw new ChainError("refused", `BTT cannot be deployed on the emulation: ${result}.`);
    }
    return new ShimFaucet(chain, signer, execution.contract);
  }

  /** The contract of BTT. */
  get btt(): Address {
    return this.#btt;
  }

  /** @returns the ids of the transactions that bring TRX and BTT. */
  async give(to: Address): Promise<string[]> {
    const owner = this.#signer.address;
    const data = encodeFunctionData({
      abi: erc20Abi,
      functionName: "transfer",
      args: [to, GIFT_WEI],
    });
    const none = { callValueSun: 0n, tokenValue: 0n, tokenId: 0n };
    return [
      await send(this.#chain, this.#signer, { kind: "transfer", owner, to, amountSun: GIFT_SUN }),
      await send(this.#chain, this.#signer, {
        kind: "trigger",
        owner,
        contract: this.#btt,
        data: bytesOf(data),
        ...none,
      }),
    ];
  }
}

async function send(chain: ShimChain, signer: KeySigner, contract: TronContract): Promise<string> {
  const { number, id, timestampMs } = chain.head;
  const raw: TronRawData = {
    refBlockBytes: Buffer.from(refBlockBytes(number), "hex"),
    refBlockHash: Buffer.from(refBlockHash(id), "hex"),
    expirationMs: timestampMs + LIFETIME_MS,
    timestampMs,
    feeLimitSun: contract.kind === "transfer" ? 0n : FEE_LIMIT_SUN,
    memo: new Uint8Array(),
    permissionId: 0,
    contract,
  };
  const rawData = encodeTronRawData(raw);
  const txId = tronTransactionId(rawData);
  const signature = bytesOf(await signer.signDigest(`0x${txId}`));
  const refusal = await chain.broadcast({ rawData, raw, signatures: [signature] });
  if (refusal === null) return txId;
  throw new ChainError(
    "refused",
    `The emulation does not take its faucet's gift: ${refusal.message}`,
  );
}

function bytesOf(hex: Hex): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
}

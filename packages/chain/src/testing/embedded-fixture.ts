import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bttAbi } from "@shoal/contracts";
import type { Runtime } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { encodeFunctionData, type Hex, keccak256, toHex } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import {
  type EmbeddedChain,
  type EmbeddedChainOptions,
  openEmbeddedChain,
} from "../embedded/embedded-chain.ts";
import { type ChainRpc, serveChainRpc } from "../rpc-server/serve-chain-rpc.ts";

/** Chains in a folder of their own, closed and removed with the fixture. */
export interface EmbeddedFixture extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly folder: string;
  open(options?: Partial<EmbeddedChainOptions>): Promise<EmbeddedChain>;
  /** Serves it until the end. */
  serve(chain: EmbeddedChain, allowedOrigins?: readonly string[]): Promise<ChainRpc>;
}

export async function createEmbeddedFixture(): Promise<EmbeddedFixture> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-chain-"));
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const opened = new Set<EmbeddedChain>();
  const served = new Set<ChainRpc>();
  return {
    runtime,
    folder,
    async open(options = {}) {
      const chain = await openEmbeddedChain({ ...runtime, folder, ...options });
      opened.add(chain);
      return chain;
    },
    async serve(chain, allowedOrigins = []) {
      const rpc = await serveChainRpc({ http: runtime.http, chain, port: 0, allowedOrigins });
      served.add(rpc);
      return rpc;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...served].map((rpc) => rpc.close()));
      await Promise.all([...opened].map((chain) => chain.close()));
      await runtime.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Somebody with a key, by name. */
export function person(name: string): PrivateKeyAccount {
  return privateKeyToAccount(keccak256(toHex(name)));
}

export interface TransactionDraft {
  readonly nonce: number;
  readonly to?: Hex;
  readonly value?: bigint;
  readonly data?: Hex;
  readonly gas?: bigint;
  readonly maxFeePerGas?: bigint;
}

export async function sign(
  { chainId }: { readonly chainId: number },
  account: PrivateKeyAccount,
  draft: TransactionDraft,
): Promise<Hex> {
  return await account.signTransaction({
    type: "eip1559",
    chainId,
    gas: 100_000n,
    maxFeePerGas: 1_000_000_000n,
    maxPriorityFeePerGas: 0n,
    ...draft,
  });
}

/** What moves BTT. */
export function transferData(to: Hex, amountWei: bigint): Hex {
  return encodeFunctionData({ abi: bttAbi, functionName: "transfer", args: [to, amountWei] });
}

export async function send(chain: EmbeddedChain, raw: Hex): Promise<Hex> {
  return (await chain.request({ method: "eth_sendRawTransaction", params: [raw] })) as Hex;
}

/** Of the coin; of BTT when `token` is given. */
export async function balanceOf(chain: EmbeddedChain, owner: Hex, token?: Hex): Promise<bigint> {
  if (token === undefined) {
    return BigInt(
      (await chain.request({ method: "eth_getBalance", params: [owner, "latest"] })) as Hex,
    );
  }
  const data = encodeFunctionData({ abi: bttAbi, functionName: "balanceOf", args: [owner] });
  return BigInt(
    (await chain.request({ method: "eth_call", params: [{ to: token, data }, "latest"] })) as Hex,
  );
}

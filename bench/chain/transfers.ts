import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedChain, openEmbeddedChain } from "../../packages/chain/src/index.ts";
import { person, sign, transferData } from "../../packages/chain/src/testing/embedded-fixture.ts";
import { createNodeRuntime } from "../../packages/runtime/src/node/index.ts";
import type { Figures } from "../contest.ts";

const TRANSFERS = 12_000;
const SENDERS = 8;
/** Transfers without an answer: a thousand users, or one program that does not wait. */
const IN_FLIGHT = 1000;

/**
 * Transfers of BTT, each to an account of its own, acknowledged once their blocks are on the disk; then the chain is
 * opened again, which executes all of them. Signing is not counted.
 */
export async function measureTransfers(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-bench-chain-"));
  const runtime = await createNodeRuntime({ logLevel: "error" });
  try {
    const startMs = performance.now();
    const chain = await openEmbeddedChain({ ...runtime, folder });
    const freshStart = performance.now() - startMs;
    const signed = await signTransfers(chain);
    const before = chain.journalBytes;
    const cpu = process.cpuUsage();
    const loadMs = performance.now();
    await sendAll(chain, signed);
    const seconds = (performance.now() - loadMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const journal = (chain.journalBytes - before) / TRANSFERS;
    await chain.close();
    const again = await openEmbeddedChain({ ...runtime, folder });
    const { transactions, tookMs } = again.restored;
    await again.close();
    return {
      transfers: TRANSFERS / seconds,
      transfersOfCpu: TRANSFERS / ((user + system) / 1e6),
      replayed: transactions / (tookMs / 1000),
      freshStart,
      journal,
    };
  } finally {
    await runtime.close();
    await rm(folder, { recursive: true });
  }
}

async function signTransfers(chain: EmbeddedChain): Promise<string[]> {
  const senders = Array.from({ length: SENDERS }, (_, index) => person(`bench ${index}`));
  for (const { address } of senders) {
    await chain.request({ method: "shoal_faucet", params: [address] });
  }
  const signed: string[] = [];
  for (let n = 0; n < TRANSFERS; n++) {
    const to = `0x${(0x1000_0000 + n).toString(16).padStart(40, "0")}` as const;
    const sender = senders[n % SENDERS]!;
    const nonce = Math.floor(n / SENDERS);
    const data = transferData(to, 1n);
    signed.push(await sign(chain, sender, { nonce, to: chain.bttAddress, data }));
  }
  return signed;
}

async function sendAll(chain: EmbeddedChain, signed: readonly string[]): Promise<void> {
  let next = 0;
  const sendSome = async () => {
    for (let raw = signed[next++]; raw !== undefined; raw = signed[next++]) {
      await chain.request({ method: "eth_sendRawTransaction", params: [raw] });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendSome));
}

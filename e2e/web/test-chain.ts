import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Address,
  type EmbeddedChain,
  type Hex,
  type Intent,
  keccak256,
  KeySigner,
  type Network,
  openEmbeddedChain,
  openNetwork,
  Sender,
  serveChainRpc,
  type Signer,
} from "@shoal/chain";
import type { SettingsChange } from "@shoal/api";
import type { Clock, Runtime } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";

/** A chain of play money outside of every daemon, whose time and whose blocks a test decides about. */
export interface TestChain {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly chain: EmbeddedChain;
  readonly network: Network;
  readonly sender: Sender;
  /** What a daemon is to be told to pay on it. */
  readonly settings: NonNullable<SettingsChange["chain"]>;
  /** Has money. */
  readonly rich: KeySigner;
  readonly faucet: (address: Address) => Promise<void>;
  /** Sends, and waits until it is final. */
  readonly confirm: (intent: Intent, signer: Signer) => Promise<void>;
  /** Time goes by, and a block is made. */
  wait(ms: number): Promise<void>;
  /** From now on transactions of daemons are taken and kept back. @returns what lets them into a block. */
  hold(): () => Promise<void>;
  close(): Promise<void>;
}

/** @param aheadMs How far its time is ahead of the clock's at first; negative for behind. */
export async function openTestChain(aheadMs = 0): Promise<TestChain> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-chain-"));
  const runtime = await createNodeRuntime({
    logLevel: "silent",
    storePath: join(folder, "store.db"),
  });
  let ahead = aheadMs;
  const clock: Clock = {
    nowMs: () => runtime.clock.nowMs() + ahead,
    monotonicMs: () => runtime.clock.monotonicMs(),
    setTimer: (delayMs, callback) => runtime.clock.setTimer(delayMs, callback),
    setRepeating: (periodMs, callback) => runtime.clock.setRepeating(periodMs, callback),
  };
  const chain = await openEmbeddedChain({ ...runtime, clock, folder: join(folder, "chain") });
  let held: Hex[] | null = null;
  const rpc = await serveChainRpc({ http: runtime.http, chain: withHolding(), port: 0 });
  const network = await openNetwork("embedded", { http: runtime.http, embedded: chain });
  const sender = await Sender.open(network, runtime.store, clock);
  const rich = new KeySigner(runtime.random.bytes(32));
  const faucet = async (address: Address): Promise<void> => {
    await chain.request({ method: "shoal_faucet", params: [address] });
  };
  const confirm = async (intent: Intent, signer: Signer): Promise<void> => {
    const { id } = await sender.send(intent, signer);
    const status = await sender.waitFor(id, { until: "final" });
    if (status?.receipt.isSuccess !== true) throw new Error(`${id} did not do what it should`);
  };
  await faucet(rich.address);

  function withHolding(): EmbeddedChain {
    const openSession: EmbeddedChain["openSession"] = (notify) => {
      const session = chain.openSession(notify);
      return {
        close: () => session.close(),
        async request(request) {
          if (held === null || request.method !== "eth_sendRawTransaction")
            return await session.request(request);
          const [raw] = request.params as [Hex];
          held.push(raw);
          return `0x${Buffer.from(keccak256(Buffer.from(raw.slice(2), "hex"))).toString("hex")}`;
        },
      };
    };
    // Its methods know their chain by themselves.
    return Object.assign(Object.create(chain) as EmbeddedChain, { openSession });
  }
  return {
    ...{ runtime, clock, chain, network, sender, rich, faucet, confirm },
    settings: { embedded: false, network: "embedded", rpcUrls: [rpc.httpUrl] },
    async wait(ms) {
      ahead += ms;
      await confirm({ kind: "transfer", to: rich.address, amount: 1n }, rich);
    },
    hold() {
      held = [];
      return async () => {
        const waiting = new Set(held);
        held = null;
        for (const raw of waiting)
          await chain.request({ method: "eth_sendRawTransaction", params: [raw] });
      };
    },
    async close() {
      await rpc.close();
      await network.close();
      await chain.close();
      await runtime.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

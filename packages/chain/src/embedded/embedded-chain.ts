import { join } from "node:path";
import type { Clock, Disk, Log, Random } from "@shoal/runtime";
import { type Hex, numberToHex } from "viem";
import manifest from "../../package.json" with { type: "json" };
import { RpcError } from "../errors.ts";
import { type Address, toAddress } from "../network/address.ts";
import { BlockProducer } from "./block-producer.ts";
import type { ChainHead } from "./block-sealing.ts";
import { Faucet } from "./faucet.ts";
import {
  drawGenesis,
  EMBEDDED_BTT_ADDRESS,
  EMBEDDED_CHANNELS_ADDRESS,
  SYSTEM_CONTRACTS,
} from "./genesis.ts";
import { PollFilters } from "./poll-filters.ts";
import { isReadMethod, read } from "./read-methods.ts";
import { ReadGate } from "./read-gate.ts";
import { type ReplayProgress, restoreChain } from "./replay.ts";
import { RPC_CODES } from "./rpc-error.ts";
import { RpcParams } from "./rpc-params.ts";
import { type Notify, Subscriptions } from "./subscriptions.ts";

/** A request as EIP-1193 has it. */
export interface RpcRequest {
  readonly method: string;
  readonly params?: unknown;
}

export interface EmbeddedChainOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Absolute; made when missing. All of the chain is in `chain.journal` there. */
  readonly folder: string;
  /** Time between blocks. 0, as when absent: a block as soon as there are transactions. */
  readonly blockTimeMs?: number;
  /** Called as blocks are executed again at the start. */
  readonly onReplay?: (progress: ReplayProgress) => void;
}

/** One side of a conversation with the chain: its subscriptions are its own. */
export interface RpcSession {
  /** @throws {RpcError} */
  request(request: RpcRequest): Promise<unknown>;
  close(): void;
}

/**
 * A chain within this process: one sequencer, play money. What it has told anybody is on the disk. It is a provider as
 * of EIP-1193.
 */
export interface EmbeddedChain {
  readonly isPlayMoney: true;
  readonly chainId: number;
  readonly bttAddress: Address;
  /** Holds all play money that nobody was given yet. */
  readonly faucetAddress: Address;
  /** The newest block. */
  readonly head: ChainHead;
  /** What the start found. */
  readonly restored: {
    readonly blocks: number;
    readonly transactions: number;
    readonly tookMs: number;
    /** Of an append that was cut off, and that nobody was told of. */
    readonly tornBytes: number;
  };
  readonly journalBytes: number;
  /** Resolves with why the chain has stopped by itself: its journal cannot be written. Never before `close`, if all is well. */
  readonly whenFailed: Promise<Error>;
  /**
   * Carries out a request: Ethereum's methods that change nothing, `eth_sendRawTransaction`, filters, `eth_subscribe`, and
   * `shoal_faucet` and `shoal_chainInfo`.
   * @throws {RpcError}
   */
  request(request: RpcRequest): Promise<unknown>;
  /** What subscriptions of `request` tell: `{ type: "eth_subscription", data: { subscription, result } }`. */
  on(event: "message", listener: (message: ProviderMessage) => void): void;
  removeListener(event: "message", listener: (message: ProviderMessage) => void): void;
  openSession(notify: Notify): RpcSession;
  /** Ends once everything that was taken is on the disk. */
  close(): Promise<void>;
}

export interface ProviderMessage {
  readonly type: "eth_subscription";
  readonly data: { readonly subscription: Hex; readonly result: unknown };
}

/**
 * Where nothing happens no blocks are made. Who asks while the newest is older than this gets a fresh one first, so that
 * contracts see what time it is, and confirmations come to those who wait for them.
 */
const STALE_MS = 10_000;

const MAX_SUBSCRIPTIONS = 64;

/** Requests that are answered at once; beyond them new ones are refused. */
const MAX_REQUESTS = 20_000;

/**
 * Opens the chain of a folder, or begins one there.
 * @throws {ChainError} `bad-journal` when what is there cannot be believed.
 * @throws {DiskError} `locked` while another program has it open.
 */
export async function openEmbeddedChain(options: EmbeddedChainOptions): Promise<EmbeddedChain> {
  const { disk, clock, random, log, folder, blockTimeMs = 0 } = options;
  const startMs = clock.monotonicMs();
  const { journal, evm, genesis, ...found } = await restoreChain({
    disk,
    path: join(folder, "chain.journal"),
    begin: () =>
      drawGenesis(
        random,
        Math.floor(clock.nowMs() / 1000),
        `edr ${manifest.dependencies["@nomicfoundation/edr"]}`,
      ),
    onProgress: options.onReplay ?? (() => {}),
  });
  if (found.tornBytes > 0) {
    log.warn("the last record of the chain's journal was unfinished, and is gone", {
      folder,
      bytes: found.tornBytes,
    });
  }
  const failed = Promise.withResolvers<Error>();
  const gate = new ReadGate();
  const filters = new PollFilters(evm, clock);
  const subscriptions = new Subscriptions(evm, gate);
  const producer = new BlockProducer({
    evm,
    journal,
    gate,
    clock,
    random,
    head: found.head,
    blockTimeMs,
    baseFeeWei: genesis.baseFeeWei,
    restored: found.waiting,
    onBlock: ({ hash }) => subscriptions.noteBlock(hash),
    onWaiting(hash) {
      subscriptions.noteTransaction(hash);
      filters.noteTransaction(hash);
    },
    onFailed(error) {
      log.error("the chain has stopped", { folder, error });
      failed.resolve(error);
    },
  });
  const ask = (method: string, params: readonly unknown[]) =>
    gate.pass(() => evm.request(method, params));
  const faucet = new Faucet(
    genesis,
    (raw) => producer.submit(raw),
    async (address) => Number(await ask("eth_getTransactionCount", [address, "pending"])),
  );
  await producer.restore();
  for (const contract of SYSTEM_CONTRACTS) {
    if ((await ask("eth_getCode", [contract.address, "latest"])) !== "0x") continue;
    const deployed = producer.submit(await contract.sign(genesis));
    if (blockTimeMs > 0) {
      await deployed;
      await producer.seal();
    }
    await deployed;
  }
  const ticking =
    blockTimeMs > 0
      ? // A chain that has failed, or was closed, says so elsewhere.
        clock.setRepeating(blockTimeMs, () => void producer.seal().catch(() => {}))
      : null;
  const tookMs = clock.monotonicMs() - startMs;
  let requests = 0;

  async function refresh(): Promise<void> {
    if (blockTimeMs > 0 || clock.nowMs() - producer.head.timestampS * 1000 < STALE_MS) return;
    await producer.seal();
  }

  async function answer(params: RpcParams): Promise<unknown> {
    const { method } = params;
    switch (method) {
      case "eth_chainId":
        return numberToHex(genesis.chainId);
      case "net_version":
        return String(genesis.chainId);
      case "net_listening":
        return true;
      case "net_peerCount":
        return "0x0";
      case "eth_syncing":
        return false;
      case "eth_accounts":
        return [];
      case "eth_coinbase":
        return numberToHex(0, { size: 20 });
      case "web3_clientVersion":
        return `Shoal/v${manifest.version}/embedded-play-money`;
      case "eth_sendRawTransaction":
        return await producer.submit(params.hex(0, "a signed transaction"));
      case "shoal_faucet":
        return await faucet.give(params.address(0));
      case "shoal_chainInfo":
        return describe();
    }
    if (!filters.isMethod(method) && !isReadMethod(method)) throw notThere(method);
    await refresh();
    return await gate.pass(() =>
      filters.isMethod(method) ? filters.answer(params, producer.head.number) : read(evm, params),
    );
  }

  function describe(): object {
    return {
      title: "Shoal embedded chain: play money, worth nothing",
      isPlayMoney: true,
      chainId: numberToHex(genesis.chainId),
      faucet: faucet.address,
      btt: EMBEDDED_BTT_ADDRESS,
      contracts: { BandwidthChannels: EMBEDDED_CHANNELS_ADDRESS },
      blockTimeMs,
      blockNumber: numberToHex(producer.head.number),
      hardfork: genesis.hardfork,
    };
  }

  function openSession(notify: Notify): RpcSession {
    const own = new Set<Hex>();
    return {
      async request({ method, params: all }) {
        const params = new RpcParams(method, all);
        if (method === "eth_subscribe") {
          if (own.size >= MAX_SUBSCRIPTIONS) {
            const text = `${MAX_SUBSCRIPTIONS} subscriptions are open: unsubscribe from some`;
            throw new RpcError(RPC_CODES.limit, text);
          }
          const id = subscriptions.add(params, notify);
          own.add(id);
          return id;
        }
        if (method === "eth_unsubscribe") {
          const id = params.text(0, "a subscription's id") as Hex;
          return own.delete(id) && subscriptions.remove(id);
        }
        if (requests >= MAX_REQUESTS) {
          throw new RpcError(RPC_CODES.limit, "too many requests wait: try again later");
        }
        requests++;
        try {
          return await answer(params);
        } finally {
          requests--;
        }
      },
      close() {
        for (const id of own) subscriptions.remove(id);
        own.clear();
      },
    };
  }

  const listeners = new Set<(message: ProviderMessage) => void>();
  const session = openSession((subscription, result) => {
    for (const listener of listeners) {
      listener({ type: "eth_subscription", data: { subscription, result } });
    }
  });

  return {
    isPlayMoney: true,
    chainId: genesis.chainId,
    bttAddress: EMBEDDED_BTT_ADDRESS,
    faucetAddress: toAddress(faucet.address),
    get head() {
      return producer.head;
    },
    restored: {
      blocks: found.blocks,
      transactions: found.transactions,
      tookMs,
      tornBytes: found.tornBytes,
    },
    get journalBytes() {
      return journal.lengthBytes;
    },
    whenFailed: failed.promise,
    request: (request) => session.request(request),
    on: (_event, listener) => void listeners.add(listener),
    removeListener: (_event, listener) => void listeners.delete(listener),
    openSession,
    async close() {
      ticking?.cancel();
      await producer.close();
      await journal.close();
    },
  };
}

function notThere(method: string): RpcError {
  const why = /^(eth_send|eth_sign|personal_|wallet_)/.test(method)
    ? `${method} is not available: this chain holds no keys. Sign in your wallet, and send with eth_sendRawTransaction.`
    : `the method ${method} does not exist or is not available`;
  return new RpcError(RPC_CODES.methodNotFound, why);
}

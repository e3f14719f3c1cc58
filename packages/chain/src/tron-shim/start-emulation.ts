import type { Clock, Http, Random } from "@shoal/runtime";
import { addressOfKey } from "../accounts/derive-key.ts";
import { type Address, toAddress } from "../network/address.ts";
import { formatTronAddress } from "../tron/address.ts";
import { NodeJson } from "./node-json.ts";
import { serveShim } from "./serve-shim.ts";
import { ShimChain } from "./shim-chain.ts";
import { ShimFaucet } from "./shim-faucet.ts";

export interface TronEmulationOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Pick<Http, "serve">;
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Time between the empty blocks that make others final; TRON's own 3 seconds when absent. */
  readonly blockTimeMs?: number;
  /** Blocks on top of one until it is final; TRON's own 18 when absent. */
  readonly solidAfterBlocks?: number;
}

/** A running emulation of TRON. */
export interface TronEmulation {
  /** `http://…`: for TronWeb's `fullHost`, and for `--rpc`. */
  readonly url: string;
  readonly chainId: number;
  /** Where BTT is. */
  readonly btt: Address;
  close(): Promise<void>;
}

const BLOCK_TIME_MS = 3_000;
/** 100 billion TRX: as many as there are. */
const FAUCET_SUN = 100_000_000_000n * 1_000_000n;

/**
 * Starts an emulation of TRON, **which is an EVM and no TVM**, with BTT on it and a faucet that gives TRX and BTT away
 * at `shim/faucet`. All of it is play money, lies in memory, and is gone when the emulation stops.
 * @throws {NetError} when it cannot listen.
 */
export async function startTronEmulation(options: TronEmulationOptions): Promise<TronEmulation> {
  const { clock, random, http, port, host, blockTimeMs = BLOCK_TIME_MS } = options;
  const key = random.bytes(32);
  const chain = await ShimChain.open({
    clock,
    random,
    accounts: [{ address: toAddress(addressOfKey(key)), balanceSun: FAUCET_SUN }],
    ...(options.solidAfterBlocks !== undefined && { solidAfterBlocks: options.solidAfterBlocks }),
  });
  const faucet = await ShimFaucet.open(chain, key);
  const json = new NodeJson(false);
  const served = await serveShim(chain, {
    port,
    http,
    ...(host !== undefined && { host }),
    heartbeat: { clock, everyMs: blockTimeMs },
    info: { btt: formatTronAddress(faucet.btt), blockTimeMs },
    extra(path, parameters) {
      if (path !== "faucet") return null;
      const give = async () => ({
        transactions: await faucet.give(json.readAddress(parameters.text("address"))),
      });
      return give();
    },
  });
  return { url: served.url, chainId: chain.chainId, btt: faucet.btt, close: () => served.close() };
}

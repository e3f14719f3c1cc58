import { createNodeRuntime } from "@shoal/runtime/node";
import { privateKeyToAddress } from "viem/accounts";
import { TronWeb } from "tronweb";
import { type Address, type Hex, toAddress } from "../network/address.ts";
import { serveShim } from "../tron-shim/serve-shim.ts";
import { ShimChain, type ShimOptions } from "../tron-shim/shim-chain.ts";

/** Somebody with a key and TRX. */
export interface TronPerson {
  readonly key: Hex;
  readonly address: Address;
}

export const ONE_TRX_SUN = 1_000_000n;
const START_SUN = 100_000n * ONE_TRX_SUN;

/** The emulation, served on loopback, with time that stands still until it is moved. */
export interface TronWorld {
  readonly chain: ShimChain;
  readonly url: string;
  readonly clock: { now: number };
  readonly alice: TronPerson;
  readonly bob: TronPerson;
  /** TronWeb as it comes, for whoever signs. */
  tronWeb(person: TronPerson): TronWeb;
}

/** Lets `body` use an emulation of its own, and closes it. */
export async function inTronWorld(
  options: Partial<ShimOptions>,
  body: (world: TronWorld) => Promise<void>,
): Promise<void> {
  const runtime = await createNodeRuntime();
  const clock = { now: 1_800_000_000_000 };
  const [alice, bob] = [personOf("a1"), personOf("b2")];
  const chain = await ShimChain.open({
    clock: { nowMs: () => clock.now },
    random: runtime.random,
    accounts: [alice, bob].map(({ address }) => ({ address, balanceSun: START_SUN })),
    ...options,
  });
  const served = await serveShim(chain, { port: 0, http: runtime.http });
  try {
    await body({
      chain,
      url: served.url,
      clock,
      alice,
      bob,
      tronWeb: ({ key }) => new TronWeb({ fullHost: served.url, privateKey: key.slice(2) }),
    });
  } finally {
    await served.close();
    await runtime.close();
  }
}

/** @param byte Two hexadecimal digits, of which the key is made. */
export function personOf(byte: string): TronPerson {
  const key: Hex = `0x${byte.repeat(32)}`;
  return { key, address: toAddress(privateKeyToAddress(key)) };
}

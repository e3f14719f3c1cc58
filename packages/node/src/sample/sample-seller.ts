import { join } from "node:path";
import { type EmbeddedChain, KeySigner, type Network, Sender } from "@shoal/chain";
import { createSession } from "@shoal/engine";
import type { Endpoint, Log } from "@shoal/runtime";
import { createNodeRuntime, openPrivateFolder } from "@shoal/runtime/node";
import { openPaidPlace, Trading } from "@shoal/speed";
import type { SampleTorrent } from "./sample-content.ts";

/** A peer of the sample swarm: it has the file, and sells it. */
export interface SampleSeller {
  readonly at: Endpoint;
  close(): Promise<void>;
}

export interface SampleSellerInit {
  readonly sample: SampleTorrent;
  /** The seller's own. */
  readonly folder: string;
  readonly chain: EmbeddedChain;
  readonly network: Network;
  /** Wei per MiB. */
  readonly minPrice: bigint;
  /** Bytes per second. */
  readonly uploadLimit: number;
  readonly log: Log;
}

const HOST = "127.0.0.1";
const POOL_BYTES = 8 * 1024 * 1024;

/** Opens a world, an account and a session of its own. @throws {DiskError}, {ChainError}, {SessionError}. */
export async function openSampleSeller(init: SampleSellerInit): Promise<SampleSeller> {
  const { sample, folder, chain, network, minPrice, uploadLimit, log } = init;
  const runtime = await createNodeRuntime({
    storePath: null,
    poolBudgetBytes: POOL_BYTES,
    writeLog: (line) => log.debug("a peer of the sample", { line }),
  });
  const closing: (() => Promise<void>)[] = [() => runtime.close()];
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).toReversed()) await each();
  };
  try {
    const { clock, random, store } = runtime;
    await openPrivateFolder(folder).write(sample.name, sample.content);
    const signer = new KeySigner(random.bytes(32));
    await chain.request({ method: "shoal_faucet", params: [signer.address] });
    const place = await openPaidPlace({ network, store, clock });
    const sender = await Sender.open(network, store, clock);
    const trading = new Trading({ place, clock, random, signer, sender, selling: { minPrice } });
    closing.push(() => trading.close());
    const session = await createSession({
      runtime,
      ...{ host: HOST, uploadLimit, resume: false, peerExchange: false },
      ...trading.sessionOptions,
    });
    closing.push(
      () => session.close(),
      () => trading.finish(),
    );
    trading.attach(session);
    await (await session.add(sample.bytes, { dir: join(folder) })).whenComplete();
    return { at: { address: HOST, port: session.port }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

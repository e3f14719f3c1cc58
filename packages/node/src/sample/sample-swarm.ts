import { join } from "node:path";
import { balanceOf, type EmbeddedChain } from "@shoal/chain";
import type { Answer } from "@shoal/api";
import type { Log } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import type { TradingDesk } from "../trading/trading-desk.ts";
import { makeSample } from "./sample-content.ts";
import { openSampleSeller, type SampleSeller } from "./sample-seller.ts";

export interface SampleSwarmInit {
  readonly desk: TradingDesk;
  /** Null where none runs in this process. */
  readonly chain: EmbeddedChain | null;
  /** Where the sellers keep their files. */
  readonly folder: string;
  /** Where the download goes. */
  readonly downloadFolder: () => string;
  readonly log: Log;
  /** Of music, 176 kB each; 190 when absent: half a minute to watch. */
  readonly seconds?: number;
  /** Bytes per second of each seller; 600 KiB when absent. */
  readonly uploadLimit?: number;
  /** Called whenever `status` has changed. */
  readonly changed: () => void;
}

type Status = Answer<"getSample">;

const NAME = "shoal-sample-play-money.wav";
const SECONDS = 190;
const SELLERS = 2;
const UPLOAD_LIMIT = 600 * 1024;
const MIN_PRICE = 10n ** 14n;
/** Above what both ask for, so that there are payments to watch from the first second on. */
const BID = 3n * MIN_PRICE;
const BUDGET = 10n ** 18n;
/** Far more than opening channels costs on the embedded chain. */
const FEES = 10n ** 16n;
const OFF: Status = { state: "off", infoHash: null, sellers: 0, sizeBytes: 0, error: null };

/**
 * The swarm that the guided start shows: two peers in this process that sell a file on the embedded chain, and this node
 * that buys it. All of it is real but the money.
 */
export class SampleSwarm {
  readonly #init: SampleSwarmInit;
  #status: Status = OFF;
  #sellers: SampleSeller[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(init: SampleSwarmInit) {
    this.#init = init;
  }

  get status(): Status {
    return this.#status;
  }

  /**
   * Begins; the answer comes at once, and `changed` tells how it goes on.
   * @throws {NodeError} `unavailable` without the embedded chain; `conflict` while the wallet is locked.
   */
  start(): Status {
    const { chain, desk } = this.#init;
    if (chain === null || !desk.opened.network.info.isPlayMoney) {
      throw new NodeError(
        "unavailable",
        "The sample needs the embedded chain: it is about play money alone.",
        { reason: "no-sample" },
      );
    }
    desk.assertCanSign();
    if (this.#status.state === "preparing" || this.#status.state === "running") return this.#status;
    this.#set({ ...OFF, state: "preparing" });
    this.#turn = this.#turn.then(async () => {
      try {
        await this.#run(chain);
      } catch (error) {
        this.#init.log.warn("the sample swarm has failed", { error });
        await this.#end();
        this.#set({ ...OFF, state: "failed", error: (error as Error).message });
      }
    });
    return this.#status;
  }

  /** Ends the sellers. What has come stays among the torrents. */
  async stop(): Promise<Status> {
    await this.#turn;
    await this.#end();
    this.#set(OFF);
    return this.#status;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#end();
  }

  async #run(chain: EmbeddedChain): Promise<void> {
    const { desk, folder, downloadFolder, log } = this.#init;
    const { seconds = SECONDS, uploadLimit = UPLOAD_LIMIT } = this.#init;
    const { session, opened } = desk;
    if (session === null) throw new NodeError("unavailable", "The session has not started yet.");
    await this.#fund(chain);
    const sample = makeSample(NAME, seconds);
    for (let number = 0; number < SELLERS; number++) {
      this.#sellers.push(
        await openSampleSeller({
          ...{ sample, chain, log, network: opened.network },
          folder: join(folder, `seller-${number + 1}`),
          minPrice: MIN_PRICE * BigInt(number + 1),
          uploadLimit,
        }),
      );
    }
    const peers = this.#sellers.map(({ at }) => at);
    // A second time it is shown from its beginning.
    const earlier = session.find(sample.infoHash);
    if (earlier !== undefined) await session.remove(earlier, { deleteFiles: true });
    const torrent = await session.add(sample.bytes, {
      dir: downloadFolder(),
      peers,
      autoManaged: false,
    });
    const { infoHash } = torrent;
    desk.force({ infoHash, buying: { bid: BID, budget: BUDGET } });
    const sizeBytes = sample.content.length;
    this.#set({ state: "running", infoHash, sellers: SELLERS, sizeBytes, error: null });
    torrent.whenComplete().then(
      () => this.#set({ ...this.#status, state: "done" }),
      (error: unknown) => log.debug("the sample's download ended early", { error }),
    );
  }

  /** Somebody new was given play money already: twice as much would only be harder to understand. */
  async #fund(chain: EmbeddedChain): Promise<void> {
    const { network } = this.#init.desk.opened;
    const { address } = this.#init.desk.slot;
    const [coin, btt] = await Promise.all([
      balanceOf(network, { kind: "coin" }, address),
      network.info.btt === null ? 0n : balanceOf(network, network.info.btt.asset, address),
    ]);
    if (coin >= FEES && btt >= BUDGET) return;
    await chain.request({ method: "shoal_faucet", params: [address] });
  }

  async #end(): Promise<void> {
    this.#init.desk.force(null);
    const sellers = this.#sellers;
    this.#sellers = [];
    await Promise.all(sellers.map((seller) => seller.close()));
  }

  #set(status: Status): void {
    this.#status = status;
    this.#init.changed();
  }
}

import { ChainError } from "../errors.ts";
import type { NetworkInfo } from "../network/network-info.ts";
import type { Reading } from "../network/network.ts";
import type { BlockRef } from "../network/transaction.ts";
import type { Answer, Endpoints } from "../rpc/endpoints.ts";
import { type EvmBlock, readBlock, readNumber, toQuantity } from "./read-answer.ts";

type Assurance = Reading["assurance"];

/** `tag`: nodes say themselves what is final (`finalized`). `depth`: what `info.confirmations` says is. */
export type Finality = "tag" | "depth";

/** Where an EVM chain stands, by one endpoint's word or by that of most. */
export class ChainHead {
  readonly #info: NetworkInfo;
  readonly #endpoints: Endpoints;
  readonly #finality: Finality;

  constructor(info: NetworkInfo, endpoints: Endpoints, finality: Finality) {
    this.#info = info;
    this.#endpoints = endpoints;
    this.#finality = finality;
  }

  async latest(): Promise<EvmBlock> {
    const block = await this.blockAt("latest");
    if (block !== null) return block;
    throw new ChainError("bad-answer", `${this.#info.title} has no block at all.`);
  }

  async blockAt(tag: string, isWhole = false): Promise<EvmBlock | null> {
    return await this.#endpoints.ask("eth_getBlockByNumber", [tag, isWhole], readBlock);
  }

  /** The newest block that will not be undone, by `finality`. */
  async final(latest: number, assurance?: Assurance): Promise<BlockRef> {
    if (this.#finality === "tag") {
      const block = await this.#finalized(assurance);
      if (block !== null) return block;
    }
    const depth = toQuantity(Math.max(0, latest - this.#info.confirmations + 1));
    const block =
      assurance === "quorum"
        ? await this.#endpoints.agree("eth_getBlockByNumber", [depth, false], readRef)
        : await this.#endpoints.ask("eth_getBlockByNumber", [depth, false], readRef);
    if (block !== null) return block;
    throw new ChainError("bad-answer", `${this.#info.title} does not have block ${depth}.`);
  }

  /** The number of the block that a reading means: by quorum, of one that most endpoints have. */
  async heightOf({ at = "latest", assurance }: Reading): Promise<number> {
    if (typeof at === "number") return at;
    const latest =
      assurance === "quorum" ? await this.#commonHeight() : (await this.latest()).number;
    return at === "latest" ? latest : (await this.final(latest, assurance)).number;
  }

  /** The highest block that most endpoints have. */
  async #commonHeight(): Promise<number> {
    const answers = await this.#endpoints.askAll("eth_blockNumber");
    const heights = answers.flatMap((answer) => orNothing(answer, readNumber));
    const height = heights.sort((a, b) => b - a)[this.#endpoints.quorum - 1];
    if (height !== undefined) return height;
    throw new ChainError(
      heights.length === 0 ? "unreachable" : "no-quorum",
      `${heights.length} endpoints of ${this.#info.title} answer, and ${this.#endpoints.quorum} have to.`,
    );
  }

  /** Endpoints finalise a little apart: the block that most of them have come to counts. */
  async #finalized(assurance: Assurance): Promise<BlockRef | null> {
    if (assurance !== "quorum") {
      return await this.#endpoints.ask("eth_getBlockByNumber", ["finalized", false], readRef);
    }
    const answers = await this.#endpoints.askAll("eth_getBlockByNumber", ["finalized", false]);
    const blocks = answers.flatMap((answer) => orNothing(answer, readRef));
    const known = blocks.filter((block) => block !== null);
    return known.sort((a, b) => b.number - a.number)[this.#endpoints.quorum - 1] ?? null;
  }
}

/** A block's number, hash and time; null when there is none. */
export function readRef(answer: unknown): BlockRef | null {
  const block = readBlock(answer);
  return block === null ? null : refOf(block);
}

export function refOf({ number, hash, timeMs }: BlockRef): BlockRef {
  return { number, hash, timeMs };
}

function orNothing<T>(answer: Answer, read: (result: unknown) => T): T[] {
  if ("error" in answer) return [];
  try {
    return [read(answer.result)];
  } catch {
    return [];
  }
}

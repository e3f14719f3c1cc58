import type { Answer } from "@shoal/api";
import { NodeError } from "../errors.ts";
import type { Operations } from "./operations.ts";
import type { RemoteControl } from "./remote-control.ts";

export type Summary = Answer<"listTorrents">["torrents"][number];
export type Detail = Answer<"getTorrent">;
export type File = Answer<"listFiles">["files"][number];

/** One torrent while a request is answered: what is asked of it is looked up once, and only when it is asked. */
export class TorrentView {
  readonly summary: Summary;
  readonly #operations: Operations;
  readonly #control: Pick<RemoteControl, "glance">;
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(summary: Summary, { operations, control }: ViewSource) {
    this.summary = summary;
    this.#operations = operations;
    this.#control = control;
  }

  get infoHash(): string {
    return this.summary.infoHash;
  }
  /** Bytes that are wanted and not here. */
  get leftBytes(): number {
    return Math.max(0, this.summary.sizeBytes - this.summary.verifiedBytes);
  }
  /** Whether everything that is wanted is here; never while the metadata is missing. */
  get isComplete(): boolean {
    return this.summary.sizeBytes > 0 && this.leftBytes === 0;
  }

  /** What needs no metadata: ten thousand torrents that sleep are told without reading a byte. @throws {NodeError} */
  traits(): Detail {
    const traits = this.#control.glance(this.infoHash);
    if (traits !== null) return traits;
    throw new NodeError("not-found", `There is no torrent ${this.infoHash} here.`);
  }
  detail(): Promise<Detail> {
    return this.#once("getTorrent");
  }
  async files(): Promise<readonly File[]> {
    return (await this.#once("listFiles")).files;
  }
  async peers(): Promise<Answer<"listPeers">["peers"]> {
    return (await this.#once("listPeers")).peers;
  }
  async trackers(): Promise<Answer<"listTrackers">["trackers"]> {
    return (await this.#once("listTrackers")).trackers;
  }
  async webSeeds(): Promise<Answer<"listWebSeeds">["webSeeds"]> {
    return (await this.#once("listWebSeeds")).webSeeds;
  }
  pieces(): Promise<Answer<"getPieces">> {
    return this.#once("getPieces");
  }

  /** Of all its files, skipped ones too; 0 while the metadata is missing. */
  async totalBytes(): Promise<number> {
    const { sizeBytes } = this.summary;
    const { pieceCount, verifiedPieces } = this.traits();
    if (pieceCount === 0 || (this.isComplete && verifiedPieces === pieceCount)) return sizeBytes;
    // Files are only asked for where some may be skipped: a torrent that sleeps has to wake for them.
    const { pieceLengthBytes } = await this.detail();
    if (sizeBytes > (pieceCount - 1) * pieceLengthBytes) return sizeBytes;
    const total = (await this.files()).reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    return Math.max(sizeBytes, total);
  }

  #once<
    Id extends
      | "getTorrent"
      | "listFiles"
      | "listPeers"
      | "listTrackers"
      | "listWebSeeds"
      | "getPieces",
  >(id: Id): Promise<Answer<Id>> {
    let answer = this.#known.get(id);
    if (answer === undefined) {
      answer = this.#operations.call(id, { infoHash: this.infoHash } as never);
      this.#known.set(id, answer);
    }
    return answer as Promise<Answer<Id>>;
  }
}

/** Where views look things up. */
export interface ViewSource {
  readonly operations: Operations;
  readonly control: Pick<RemoteControl, "glance">;
}

/** Torrents of one page, the most that the operation gives. */
const PAGE = 1000;

/** Every torrent, in order of the queue. */
export async function viewTorrents(source: ViewSource): Promise<TorrentView[]> {
  const views: TorrentView[] = [];
  for (;;) {
    const { total, torrents } = await source.operations.call("listTorrents", {
      offset: views.length,
      limit: PAGE,
    });
    for (const summary of torrents) views.push(new TorrentView(summary, source));
    if (torrents.length === 0 || views.length >= total) return views;
  }
}

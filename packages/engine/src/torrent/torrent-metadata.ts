import type { FileNameRules, Metainfo } from "@shoal/protocol";
import type { Clock, Log } from "@shoal/runtime";
import { MetadataExchange, type MetadataIdentity } from "./metadata-exchange.ts";
import type { ResumeStore } from "./resume.ts";
import { completeMagnet, isMetainfo, nameOf, type TorrentSource } from "./source.ts";

/** What {@link TorrentMetadata} tells its torrent. */
export interface MetadataOwner {
  /** The metainfo of a magnet link is known. */
  onMetainfo(metainfo: Metainfo): void;
  /** What the link asks for was found, and cannot be used. */
  onUnusable(error: Error): void;
  /** A peer sent metadata of another torrent. */
  onLiar(peerId: number): void;
}

/** A torrent's metainfo: there from the start, or fetched for a magnet link and kept. */
export class TorrentMetadata {
  readonly exchange: MetadataExchange;
  readonly #source: TorrentSource;
  readonly #owner: MetadataOwner;
  readonly #infoHash: string;
  readonly #resume: ResumeStore | null;
  readonly #keepsAll: boolean;
  readonly #fileNames: FileNameRules;
  readonly #log: Log;
  #metainfo: Metainfo | null;
  #savedLayers: ReadonlyMap<string, Uint8Array> = new Map();

  constructor(init: {
    source: TorrentSource;
    identity: MetadataIdentity;
    owner: MetadataOwner;
    resume: ResumeStore | null;
    /** Keeps the metadata of torrent files too, not of links alone. */
    keepsAll: boolean;
    fileNames: FileNameRules;
    clock: Clock;
    log: Log;
  }) {
    const { source, identity, owner } = init;
    this.#source = source;
    this.#owner = owner;
    this.#infoHash = nameOf(identity);
    this.#resume = init.resume;
    this.#keepsAll = init.keepsAll;
    this.#fileNames = init.fileNames;
    this.#log = init.log;
    this.#metainfo = isMetainfo(source) ? source : null;
    this.exchange = new MetadataExchange({
      identity,
      clock: init.clock,
      infoBytes: this.#metainfo?.infoBytes ?? null,
      onMetadata: (infoBytes) => this.#complete(infoBytes),
      onLiar: (peerId) => owner.onLiar(peerId),
    });
  }

  /** Null while the metadata of a magnet link is being fetched. */
  get metainfo(): Metainfo | null {
    return this.#metainfo;
  }

  /**
   * Looks for what an earlier run fetched for the link.
   * @returns Whether it was there, and told to the owner; peers have to be asked else.
   */
  async load(signal: AbortSignal): Promise<boolean> {
    const saved = (await this.#resume?.loadMetadata(this.#infoHash)) ?? null;
    if (saved === null || signal.aborted) return false;
    this.#savedLayers = saved.layers;
    return this.exchange.give(saved.info);
  }

  /** Keeps what a magnet link had to fetch, so that a restart needs no peer for it. */
  save(layers?: ReadonlyMap<string, Uint8Array>): void {
    const metainfo = this.#metainfo;
    if (this.#resume === null || metainfo === null) return;
    if (isMetainfo(this.#source) && !this.#keepsAll) return;
    this.#resume.saveMetadata(this.#infoHash, metainfo, layers).catch((error: unknown) => {
      this.#log.warn("could not save metadata", { infoHash: this.#infoHash, error });
    });
  }

  #complete(infoBytes: Uint8Array): void {
    const source = this.#source;
    if (isMetainfo(source)) return;
    try {
      this.#metainfo = completeMagnet(source, infoBytes, this.#savedLayers, this.#fileNames);
    } catch (error) {
      return this.#owner.onUnusable(error as Error);
    }
    this.save();
    this.#owner.onMetainfo(this.#metainfo);
  }
}

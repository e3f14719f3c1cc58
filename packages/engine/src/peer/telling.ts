import {
  type Bitfield,
  encodeBitfield,
  encodeDontHave,
  encodeHave,
  encodeHaveAll,
  encodeHaveNone,
  encodePort,
  encodeUploadOnly,
} from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import type { DhtLink } from "../discovery/dht-link.ts";
import type { ExtensionSet } from "../extension/extension-set.ts";
import type { PieceNews } from "../swarm/piece-news.ts";
import type { Serving } from "./serving.ts";

/** What {@link Telling} needs of its peer. */
export interface TellingPeer {
  readonly fast: boolean;
  readonly isClosed: boolean;
  readonly remote: Endpoint;
  send(bytes: Uint8Array): void;
}

/** What a peer is told of this side's pieces: all of them, or under super seeding one at a time. */
export class Telling {
  readonly #peer: TellingPeer;
  readonly #extensions: ExtensionSet | null;
  readonly #hasDht: boolean;
  #toldUploadOnly = false;
  /** Both are there together, once the torrent can move data. */
  #have: Bitfield | null = null;
  #serving: Serving | null = null;
  #news: PieceNews | null = null;
  /** How many of the pieces that came the peer was told of. */
  #told = 0;

  /** @param hasDht Whether the peer has a DHT node. */
  constructor(peer: TellingPeer, extensions: ExtensionSet | null, hasDht: boolean) {
    this.#peer = peer;
    this.#extensions = extensions;
    this.#hasDht = hasDht;
  }

  /**
   * The first words: the extension handshake, what is here, and where this side's DHT node is (BEP 5).
   * @param have Null while that is not known.
   */
  start(
    about: Parameters<ExtensionSet["sendHandshake"]>[0] & { readonly dht: DhtLink | null },
    have: Bitfield | null,
  ): void {
    this.#toldUploadOnly = about.uploadOnly;
    this.#extensions?.sendHandshake(about);
    const { fast } = this.#peer;
    if (fast && have?.isFull === true) this.#peer.send(encodeHaveAll());
    else if (fast && (have === null || have.isEmpty)) this.#peer.send(encodeHaveNone());
    else if (have !== null && !have.isEmpty) this.#peer.send(encodeBitfield(have.bytes));
    if (this.#hasDht && about.dht !== null) {
      this.#peer.send(encodePort(about.ports.udpTowards(this.#peer.remote.address)));
    }
  }

  /** @param have This side's pieces, as they come and go. */
  begin(have: Bitfield, news: PieceNews, serving: Serving): void {
    this.#have = have;
    this.#news = news;
    this.#told = news.end;
    this.#serving = serving;
  }

  /** Pieces came of which the peer was not told yet. */
  get hasNews(): boolean {
    return this.#news !== null && this.#told < this.#news.end;
  }

  /**
   * The messages about them, which the caller sends before anything else. The peer is told also of pieces that
   * it has itself: one that super seeds waits to hear that its piece has arrived, and one that has everything
   * may begin to (BEP 16).
   */
  takeNews(): Uint8Array {
    const messages = this.#news!.since(this.#told);
    this.#told = this.#news!.end;
    return messages;
  }

  /** Tells the peer, which has been here before them, of the pieces that were found here. */
  announceFound(): void {
    this.#have!.forEach((piece) => this.#peer.send(encodeHave(piece)));
  }

  /** A piece is gone: it is not served, and the peer is told so if it can be (BEP 54). */
  announceLost(piece: number): void {
    this.#serving?.drop(piece);
    this.#extensions?.send("lt_donthave", encodeDontHave(piece));
  }

  /** Super seeding (BEP 16): lets the peer know of one piece. */
  reveal(piece: number): void {
    if (this.#peer.isClosed) return;
    this.#serving?.reveal(piece);
    this.#peer.send(encodeHave(piece));
  }

  /** Super seeding ends: lets the peer know of all that it was not told of. */
  revealAll(): void {
    if (this.#peer.isClosed || this.#serving === null) return;
    const revealed = this.#serving.showAll();
    this.#have!.forEach((piece) => {
      if (!revealed.has(piece)) this.#peer.send(encodeHave(piece));
    });
  }

  /**
   * Super seeding begins: takes back what the peer was told, where it can be told so (BEP 54).
   * @returns Whether it can.
   */
  hideAll(): boolean {
    if (this.#serving === null || this.#extensions?.supports("lt_donthave") !== true) return false;
    this.#have!.forEach((piece) => this.announceLost(piece));
    this.#serving.hideAll();
    return true;
  }

  /**
   * Whether this side wants anything more (BEP 21).
   * @returns Whether that is news for the peer.
   */
  tellUploadOnly(uploadOnly: boolean): boolean {
    if (uploadOnly === this.#toldUploadOnly || this.#peer.isClosed) return false;
    this.#toldUploadOnly = uploadOnly;
    if (this.#extensions?.send("upload_only", encodeUploadOnly(uploadOnly)) !== true) {
      this.#extensions?.sendUpdate({ uploadOnly });
    }
    return true;
  }
}

import type { Clock } from "@shoal/runtime";
import type { PeerLimiters } from "../peer/peer-owner.ts";
import { isPublicAddress } from "@shoal/protocol";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.ts";

/** Bytes per second; null for no limit. Absent: as before. */
export interface DirectionLimits {
  readonly download?: number | null;
  readonly upload?: number | null;
}

/** Bytes of payload that a limit has let pass in each direction. */
export interface PassedBytes {
  readonly download: number;
  readonly upload: number;
}

/** Where a torrent stands in the tree, and what it adds to it. */
export interface TorrentLimits {
  readonly category: string | null;
  readonly downloadLimit: number | null;
  readonly uploadLimit: number | null;
}

/**
 * The limits of a session as one tree: session, category, torrent, peer. What a peer is granted, all
 * above it have granted.
 */
export class LimitTree {
  readonly root: PeerLimiters;
  readonly #clock: Clock;
  readonly #categories = new Map<string, PeerLimiters>();
  readonly #perPeer: Required<DirectionLimits>;
  /** Where peers of the local network hang; null when they are limited like others. */
  readonly #exempt: PeerLimiters | null;

  constructor(init: {
    clock: Clock;
    session: DirectionLimits;
    /** Of each connection. */
    perPeer: DirectionLimits;
    /** Whether peers of the local network are limited like others. */
    limitLocalPeers: boolean;
  }) {
    this.#clock = init.clock;
    this.root = this.#create(init.session);
    this.#perPeer = {
      download: init.perPeer.download ?? null,
      upload: init.perPeer.upload ?? null,
    };
    this.#exempt = init.limitLocalPeers ? null : this.#create({});
  }

  /** What has passed the session's own limits; not counted while there is none. */
  get passed(): PassedBytes {
    return passedBy(this.root);
  }

  /** What has passed those of a category. */
  passedIn(category: string): PassedBytes {
    return passedBy(this.of(category));
  }

  setLimits(limits: DirectionLimits): void {
    apply(this.root, limits);
  }

  /** Sets the limits of a category, making it when it is new. */
  setCategory(name: string, limits: DirectionLimits): void {
    const known = this.#categories.get(name);
    if (known === undefined) this.#categories.set(name, this.#create(limits, this.root));
    else apply(known, limits);
  }

  /** Forgets a category. Its torrents have to be moved to another. */
  removeCategory(name: string): void {
    this.#categories.delete(name);
  }

  /** What a torrent hangs under. */
  of(category: string | null): PeerLimiters {
    return (category === null ? undefined : this.#categories.get(category)) ?? this.root;
  }

  /** The limiters of a torrent. */
  forTorrent({ category, downloadLimit, uploadLimit }: TorrentLimits): PeerLimiters {
    return this.#create({ download: downloadLimit, upload: uploadLimit }, this.of(category));
  }

  /** Limits or category of a torrent may have changed. */
  applyTo(torrent: PeerLimiters, { category, downloadLimit, uploadLimit }: TorrentLimits): void {
    const parents = this.of(category);
    apply(torrent, { download: downloadLimit, upload: uploadLimit });
    torrent.download.setParent(parents.download);
    torrent.upload.setParent(parents.upload);
  }

  /** The limiters of one connection of a torrent. Those of the torrent itself where nothing is narrower. */
  forPeer(torrent: PeerLimiters, address: string): PeerLimiters {
    if (this.#exempt !== null && !isPublicAddress(address)) return this.#exempt;
    const { download, upload } = this.#perPeer;
    return {
      download: download === null ? torrent.download : this.#limiter(download, torrent.download),
      upload: upload === null ? torrent.upload : this.#limiter(upload, torrent.upload),
    };
  }

  #create(limits: DirectionLimits, parent?: PeerLimiters): PeerLimiters {
    return {
      download: this.#limiter(limits.download ?? null, parent?.download),
      upload: this.#limiter(limits.upload ?? null, parent?.upload),
    };
  }

  #limiter(bytesPerSecond: number | null, parent: RateLimiter | undefined): RateLimiter {
    const clock = this.#clock;
    return createRateLimiter({
      clock,
      bytesPerSecond,
      ...(parent === undefined ? {} : { parent }),
    });
  }
}

function passedBy({ download, upload }: PeerLimiters): PassedBytes {
  return {
    get download() {
      return download.passedBytes;
    },
    get upload() {
      return upload.passedBytes;
    },
  };
}

function apply(limiters: PeerLimiters, { download, upload }: DirectionLimits): void {
  if (download !== undefined) limiters.download.setLimit(download);
  if (upload !== undefined) limiters.upload.setLimit(upload);
}

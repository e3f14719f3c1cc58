import { SessionError } from "../errors.ts";
import {
  createRemoteTorrent,
  type RemoteTorrent,
  type RemoteTorrentHandle,
} from "./remote-torrent.ts";
import type { Shard } from "./shard.ts";
import type { TorrentNames } from "./shard-protocol.ts";

/** Length of a 20-byte infohash in hex: what v2 infohashes are cut to. */
const NAME_LENGTH = 40;

/** The torrents of all workers, as the main thread knows them. */
export class RemoteTorrents {
  readonly #byName = new Map<string, RemoteTorrentHandle>();
  readonly #all = new Set<RemoteTorrentHandle>();
  readonly #reserved = new Set<string>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  list(): readonly RemoteTorrent[] {
    return [...this.#all].map(({ torrent }) => torrent);
  }

  of(shard: Shard): readonly RemoteTorrentHandle[] {
    return [...this.#all].filter((each) => each.shard === shard);
  }

  countOf(shard: Shard): number {
    return this.of(shard).length;
  }

  /** @param infoHash Hex of a v1 or a v2 infohash, whole or truncated. */
  find(infoHash: string): RemoteTorrentHandle | undefined {
    return this.#byName.get(nameFrom(infoHash));
  }

  /**
   * Keeps the names of a torrent that is being added: two workers must not have it under one of its names each.
   * @returns What releases them.
   * @throws {SessionError} `duplicate-torrent`
   */
  reserve(names: TorrentNames): () => void {
    for (const name of names.swarms) {
      if (!this.#byName.has(name) && !this.#reserved.has(name)) continue;
      const message = `torrent ${names.infoHash} is in this session already`;
      throw new SessionError("duplicate-torrent", message);
    }
    for (const name of names.swarms) this.#reserved.add(name);
    return () => {
      for (const name of names.swarms) this.#reserved.delete(name);
    };
  }

  /** The torrent of these names, made when it is not known. */
  put(names: TorrentNames, shard: Shard): RemoteTorrentHandle {
    const known = this.find(names.infoHash);
    if (known !== undefined) return known;
    const handle = createRemoteTorrent(names, shard, this.#onError);
    this.#all.add(handle);
    for (const name of names.swarms) this.#byName.set(name, handle);
    return handle;
  }

  /** @returns The torrent that was known; null when none was. */
  delete(infoHash: string): RemoteTorrent | null {
    const handle = this.find(infoHash);
    if (handle === undefined) return null;
    this.#all.delete(handle);
    for (const name of handle.names.swarms) this.#byName.delete(name);
    handle.close();
    return handle.torrent;
  }

  close(): void {
    for (const handle of this.#all) handle.close();
  }
}

function nameFrom(infoHash: string): string {
  return infoHash.toLowerCase().slice(0, NAME_LENGTH);
}

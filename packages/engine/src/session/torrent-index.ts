import { infoHashHex, obfuscatedInfoHash } from "@shoal/protocol";
import { SessionError } from "../errors.ts";
import type { TorrentCore } from "../torrent/torrent-core.ts";

/** The torrents of a session by what peers and users name them by. */
export class TorrentIndex {
  /** By the hex of each 20-byte infohash that peers may name. */
  readonly #byInfoHash = new Map<string, TorrentCore>();
  /** By the hex of what stands for the infohash in an MSE handshake. */
  readonly #byObfuscated = new Map<string, Uint8Array>();

  /** @throws {SessionError} `duplicate-torrent` when one of its infohashes is there already. */
  add(core: TorrentCore): void {
    for (const infoHash of core.swarmHashes) {
      if (!this.#byInfoHash.has(infoHashHex(infoHash))) continue;
      const message = `torrent ${core.infoHash} is in this session already`;
      throw new SessionError("duplicate-torrent", message);
    }
    for (const infoHash of core.swarmHashes) {
      this.#byInfoHash.set(infoHashHex(infoHash), core);
      this.#byObfuscated.set(infoHashHex(obfuscatedInfoHash(infoHash)), infoHash);
    }
  }

  delete(core: TorrentCore): void {
    for (const infoHash of core.swarmHashes) {
      this.#byInfoHash.delete(infoHashHex(infoHash));
      this.#byObfuscated.delete(infoHashHex(obfuscatedInfoHash(infoHash)));
    }
  }

  /** @param infoHash 20 bytes. */
  find(infoHash: Uint8Array): TorrentCore | undefined {
    return this.#byInfoHash.get(infoHashHex(infoHash));
  }

  /** @param infoHash Hex of a v1 or a v2 infohash, whole or truncated. */
  findHex(infoHash: string): TorrentCore | undefined {
    return this.#byInfoHash.get(infoHash.toLowerCase().slice(0, 40));
  }

  /** The infohash behind an MSE `HASH('req2', SKEY)`. */
  findObfuscated(hash: Uint8Array): Uint8Array | null {
    return this.#byObfuscated.get(infoHashHex(hash)) ?? null;
  }
}

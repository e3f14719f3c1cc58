import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  isPublicAddress,
  LOCAL_GROUPS,
  LOCAL_PORT,
  MAX_LOCAL_HASHES,
  toHex,
} from "@shoal/protocol";
import type { Endpoint, Runtime, UdpSocket } from "@shoal/runtime";
import type { PeerFinder, SoughtTorrent } from "./peer-finder.ts";

/** A client announces once a minute at most, and each torrent every five (BEP 14). */
const ANNOUNCE_MS = 60_000;
const TORRENT_MS = 5 * 60_000;
/** The groups reach beyond the link: as far as this many routers carry them. */
const HOPS = 8;

interface Entry {
  readonly torrent: SoughtTorrent;
  announcedMs: number;
}

/**
 * Tells the local network of torrents, and hears of those of others (BEP 14). Private torrents are neither told nor
 * looked for, and what comes from a public address is not believed: it was not sent to the local network.
 */
export class LocalDiscovery implements PeerFinder {
  readonly #cookie: string;
  readonly #port: number;
  readonly #mayWake: () => boolean;
  readonly #sockets: { readonly family: 4 | 6; readonly socket: UdpSocket }[] = [];
  readonly #byHash = new Map<string, Entry>();
  /** Those that waited longest come first. */
  readonly #line = new Set<Entry>();
  #announceAtMs = -Infinity;
  #sent = 0;
  #heard = 0;
  #dropped = 0;

  /** @param init.mayWake Whether one more torrent that sleeps may be woken for a peer. */
  private constructor(init: { runtime: Runtime; port: number; mayWake: () => boolean }) {
    this.#cookie = toHex(init.runtime.random.bytes(8));
    this.#port = init.port;
    this.#mayWake = init.mayWake;
  }

  /**
   * Joins the group of each family. A family without one is left out: there may be no such network.
   * @param init.host The address that the session keeps to, if it does.
   * @param init.port Where peers reach this side.
   */
  static async open(init: {
    runtime: Runtime;
    host: string | undefined;
    port: number;
    mayWake: () => boolean;
  }): Promise<LocalDiscovery> {
    const { runtime, host } = init;
    const discovery = new LocalDiscovery(init);
    for (const family of [4, 6] as const) {
      if (host !== undefined && host.includes(":") !== (family === 6)) continue;
      try {
        const socket = await runtime.net.bindUdp(
          {
            port: LOCAL_PORT,
            multicast: { group: LOCAL_GROUPS[family], hops: HOPS },
            ...(host === undefined ? {} : { host }),
          },
          (bytes, from) => discovery.#receive(bytes, from),
        );
        discovery.#sockets.push({ family, socket });
      } catch (error) {
        runtime.log.debug("no local discovery over one family", { family, error });
      }
    }
    return discovery;
  }

  /** Announces sent, of others heard, and dropped for what they are or where they come from. */
  get counters(): { readonly sent: number; readonly heard: number; readonly dropped: number } {
    return { sent: this.#sent, heard: this.#heard, dropped: this.#dropped };
  }

  add(torrent: SoughtTorrent): () => void {
    const entry: Entry = { torrent, announcedMs: -Infinity };
    this.#line.add(entry);
    for (const infoHash of torrent.swarmHashes) this.#byHash.set(toHex(infoHash), entry);
    return () => {
      this.#line.delete(entry);
      for (const infoHash of torrent.swarmHashes) this.#byHash.delete(toHex(infoHash));
    };
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    if (nowMs < this.#announceAtMs || this.#sockets.length === 0) return;
    const infoHashes: Uint8Array[] = [];
    for (const entry of this.#nextInLine(nowMs)) {
      const { isPrivate, swarmHashes } = entry.torrent;
      if (infoHashes.length + swarmHashes.length > MAX_LOCAL_HASHES) break;
      // To the end of the line, private or not: a magnet link may yet turn out to be.
      this.#line.delete(entry);
      this.#line.add(entry);
      entry.announcedMs = nowMs;
      if (!isPrivate) infoHashes.push(...swarmHashes);
    }
    if (infoHashes.length === 0) return;
    this.#announceAtMs = nowMs + ANNOUNCE_MS;
    this.#sent++;
    for (const { family, socket } of this.#sockets) {
      const announce = { port: this.#port, infoHashes, cookie: this.#cookie };
      const to = { address: LOCAL_GROUPS[family], port: LOCAL_PORT };
      socket.send(encodeLocalAnnounce(announce, family), to);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.map(({ socket }) => socket.close()));
  }

  /** Those that were not announced within five minutes; the whole line is in order of that. */
  #nextInLine(nowMs: number): Entry[] {
    const due: Entry[] = [];
    for (const entry of this.#line) {
      if (nowMs - entry.announcedMs < TORRENT_MS || due.length === MAX_LOCAL_HASHES) break;
      due.push(entry);
    }
    return due;
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    const announce = decodeLocalAnnounce(bytes);
    if (announce?.cookie === this.#cookie) return;
    if (announce === null || isPublicAddress(from.address)) {
      this.#dropped++;
      return;
    }
    this.#heard++;
    const peer = { address: from.address, port: announce.port };
    for (const infoHash of announce.infoHashes) {
      const torrent = this.#byHash.get(toHex(infoHash))?.torrent;
      if (torrent === undefined || torrent.isPrivate) continue;
      if (torrent.active !== null) torrent.active.addPeers([peer], "lsd", infoHash);
      // Whoever sleeps has everything, and this one may want it.
      else if (this.#mayWake()) torrent.addPeers([peer], "lsd", infoHash);
    }
  }
}

import type { Runtime, StreamSocket } from "@shoal/runtime";
import { acceptPeer } from "../peer/accept.ts";
import type { Encryption } from "../peer/encryption.ts";
import { HandshakePlaces } from "./handshake-places.ts";
import type { TorrentIndex } from "./torrent-index.ts";

/** Makes what takes in the connections that come to a session, and hands them to the torrents they name. */
export function createDoor(init: {
  runtime: Runtime;
  encryption: Encryption;
  /** 20 bytes. */
  peerId: Uint8Array;
  index: TorrentIndex;
  /** Whether peers are told that this side has a DHT node. */
  hasDht: () => boolean;
  /** Cuts the connections whose handshakes are not done, and lets no more in. */
  signal: AbortSignal;
}): (socket: StreamSocket) => Promise<void> {
  const { encryption, peerId, index, signal } = init;
  const { clock, random, disk, log } = init.runtime;
  const places = new HandshakePlaces();

  return async (socket) => {
    const { address } = socket.remote;
    if (signal.aborted || !places.enter(address)) return socket.destroy();
    try {
      const opened = await acceptPeer(socket, {
        clock,
        random,
        pool: disk.pool,
        encryption,
        peerId,
        signal,
        flagsFor: (infoHash) => {
          const torrent = index.find(infoHash);
          if (torrent === undefined) return null;
          const isHybrid = torrent.swarmHashes.length > 1;
          const dht = init.hasDht() && !torrent.isPrivate;
          return { fast: true, extended: true, dht, v2: isHybrid };
        },
        findObfuscated: (hash) => index.findObfuscated(hash),
      });
      index.find(opened.handshake.infoHash)?.accept(opened);
    } catch (error) {
      log.debug("an incoming connection failed its handshake", { remote: socket.remote, error });
    } finally {
      places.leave(address);
    }
  };
}

import type { HandshakeFlags } from "@shoal/protocol";
import type { Runtime, StreamSocket } from "@shoal/runtime";
import { acceptPeer } from "../peer/accept.ts";
import type { Encryption } from "../peer/encryption.ts";
import type { TorrentCore } from "../torrent/torrent-core.ts";
import { HandshakePlaces } from "./handshake-places.ts";
import type { TorrentIndex } from "./torrent-index.ts";

export interface DoorParts {
  readonly runtime: Runtime;
  readonly encryption: Encryption;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly index: TorrentIndex;
  /** Whether peers are told that this side has a DHT node. */
  readonly hasDht: () => boolean;
  /** Whether nobody at an address is spoken to. */
  readonly isBlocked: (address: string) => boolean;
  /** Cuts the connections whose handshakes are not done, and lets no more in. */
  readonly signal: AbortSignal;
}

/** What this side can do, as it says in handshakes of a torrent. */
export function handshakeFlags(torrent: TorrentCore, hasDht: boolean): HandshakeFlags {
  const v2 = torrent.swarmHashes.length > 1;
  return { fast: true, extended: true, dht: hasDht && !torrent.isPrivate, v2 };
}

/** Makes what takes in the connections that come to a session, and hands them to the torrents they name. */
export function createDoor(init: DoorParts): (socket: StreamSocket) => Promise<void> {
  const { encryption, peerId, index, signal } = init;
  const { clock, random, disk, log } = init.runtime;
  const places = new HandshakePlaces();

  return async (socket) => {
    const { address } = socket.remote;
    if (signal.aborted || init.isBlocked(address) || !places.enter(address))
      return socket.destroy();
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
          return torrent === undefined ? null : handshakeFlags(torrent, init.hasDht());
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

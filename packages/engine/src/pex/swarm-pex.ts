import { PEX_FLAG, type PexPeer } from "@shoal/protocol";
import type { Clock } from "@shoal/runtime";
import type { Peer } from "../peer/peer.ts";
import { PexExchange } from "./pex-exchange.ts";

/**
 * The exchange of a torrent's connected peers (BEP 11).
 * @param init.mayExchange Asked anew each time: a magnet link may turn out to be a private torrent.
 * @param init.flagsOf Bits of `PEX_FLAG`: how a peer can be reached.
 * @param init.onPeers As `PexSwarm.onPexPeers`.
 */
export function createSwarmPex(init: {
  peers: Iterable<Peer>;
  clock: Clock;
  mayExchange: () => boolean;
  flagsOf: (peer: Peer) => number;
  onPeers: (peers: readonly PexPeer[], informant: string) => void;
}): PexExchange {
  const swarm = {
    get mayExchange() {
      return init.mayExchange();
    },
    reachablePeers: () => listReachable(init.peers, init.flagsOf),
    onPexPeers: init.onPeers,
  };
  return new PexExchange(swarm, init.clock);
}

function* listReachable(
  peers: Iterable<Peer>,
  flagsOf: (peer: Peer) => number,
): Generator<PexPeer & { readonly id: number }> {
  for (const peer of peers) {
    const { listensAt } = peer.traits;
    if (listensAt === null) continue;
    const flags =
      (peer.traits.prefersEncryption ? PEX_FLAG.prefersEncryption : 0) |
      (peer.uploadOnly ? PEX_FLAG.uploadOnly : 0) |
      (peer.traits.isUtp ? PEX_FLAG.utp : 0) |
      flagsOf(peer);
    yield { ...listensAt, flags, id: peer.id };
  }
}

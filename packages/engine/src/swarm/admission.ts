import type { Endpoint } from "@shoal/runtime";
import { PeerError } from "../errors.ts";
import { HANDSHAKE_TIMEOUT_MS } from "../peer/raw-stream.ts";
import type { PeerSource } from "./peer-source.ts";

/**
 * Peers of one address that came by themselves: part of all places, and so many at least. Many may
 * share an address behind a NAT, but one address must not shut out all others.
 */
const MOST_OF_ONE_ADDRESS = 1 / 2;
const LEAST_OF_ONE_ADDRESS = 8;

/** A connected peer, as far as its place is concerned. */
export interface Placed {
  readonly remote: Endpoint;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly incoming: boolean;
  readonly source: PeerSource;
  readonly connectedAtMs: number;
  readonly snubbed: boolean;
  readonly requestsSent: number;
  /** An extension has something to settle with it, such as a payment. */
  readonly isBusy: boolean;
  /** Canonical peer priority (BEP 40). */
  readonly priority: number;
}

/**
 * Whether one address has too many of a torrent's places.
 * @param most All places of the torrent.
 */
export function isCrowded(address: string, peers: Iterable<Placed>, most: number): boolean {
  let count = 0;
  for (const peer of peers) if (peer.remote.address === address) count++;
  return count >= Math.max(LEAST_OF_ONE_ADDRESS, most * MOST_OF_ONE_ADDRESS);
}

/**
 * Who of a full swarm gives way to a newcomer (BEP 40): the one of lowest priority, when the newcomer's is
 * higher. Both sides work out the same priorities, so that a swarm that is larger than anyone's
 * places stays connected, and newcomers find their way in. Whom the user named stays, and
 * whoever is sending us blocks or has something to settle: what is in flight is worth more than a fair graph.
 * @param priority The newcomer's.
 */
export function findWhoGivesWay<Peer extends Placed>(
  peers: Iterable<Peer>,
  priority: number,
): Peer | null {
  let lowest: Peer | null = null;
  for (const peer of peers) {
    if (peer.source === "user" || (peer.requestsSent > 0 && !peer.snubbed)) continue;
    if (peer.priority < (lowest?.priority ?? priority) && !peer.isBusy) lowest = peer;
  }
  return lowest;
}

/**
 * Has one of a full swarm give way to a newcomer, or refuses the newcomer.
 * @param priority The newcomer's.
 * @returns Whether there is room now.
 */
export function makeRoom(
  peers: Iterable<Placed & Closable>,
  newcomer: Closable,
  priority: number,
): boolean {
  const lowest = findWhoGivesWay(peers, priority);
  const message =
    lowest === null ? "no room for more peers" : "another peer has a better claim to the place";
  (lowest ?? newcomer).close(new PeerError("too-many-peers", message));
  return lowest !== null;
}

interface Closable {
  close(error: PeerError): void;
}

/**
 * What speaks against a connection that leads to this side itself, or to a peer that there is one to already.
 * @param ownId 20 bytes.
 * @returns `refusal` closes the new connection, `replaced` is an old one that gives way to it.
 */
export function findTwin<Peer extends Placed>(
  newcomer: { peerId: Uint8Array; incoming: boolean },
  peers: Iterable<Peer>,
  ownId: Uint8Array,
  nowMs: number,
): { refusal: PeerError | null; replaced: Peer | null } {
  const order = Buffer.compare(ownId, newcomer.peerId);
  if (order === 0) {
    const refusal = new PeerError("self-connection", "the connection led back to this session");
    return { refusal, replaced: null };
  }
  for (const peer of peers) {
    if (Buffer.compare(peer.peerId, newcomer.peerId) !== 0) continue;
    // Both dialed at once: both keep what the one with the greater ID opened, or both would lose.
    const isCrossed =
      peer.incoming !== newcomer.incoming && nowMs - peer.connectedAtMs < HANDSHAKE_TIMEOUT_MS;
    const isReplaced = isCrossed && order > 0 !== newcomer.incoming;
    return isReplaced
      ? { refusal: null, replaced: peer }
      : { refusal: duplicate(), replaced: null };
  }
  return { refusal: null, replaced: null };
}

/** Why a connection to a peer ends that there is another one to. */
export function duplicate(): PeerError {
  return new PeerError("duplicate-peer", "there is a connection to this peer already");
}

import { decodePex, encodePex, type PexPeer } from "@shoal/protocol";
import type { Clock, Endpoint } from "@shoal/runtime";
import { protocolError } from "../errors.ts";
import type { ExtensionPeer, ExtensionSession, PeerExtension } from "../extension/extension.ts";
import { mayName } from "./may-name.ts";
import { PexDelta } from "./pex-delta.ts";

/** A message a minute at most, each way (BEP 11). */
const INTERVAL_MS = 60_000;
/** Messages of a peer within a minute beyond which it is flooding (libtorrent's bound). */
const MAX_MESSAGES = 6;

/** What the exchange needs of the swarm around it. */
export interface PexSwarm {
  /** Peers are not to be exchanged, or no longer: it is off, or the torrent is private (BEP 27). */
  readonly mayExchange: boolean;
  /** The connected peers that others can connect to as well, with the id of each one's view. */
  reachablePeers(): Iterable<KnownPeer>;
  /** Peers that a peer knows of. `informant` is its IP address. */
  onPexPeers(peers: readonly PexPeer[], informant: string): void;
}

/** Peers tell each other whom they are connected with: `ut_pex` of one torrent (BEP 11). */
export class PexExchange implements PeerExtension {
  readonly name = "ut_pex";
  readonly #swarm: PexSwarm;
  readonly #clock: Clock;
  readonly #partners = new Set<PexPartner>();
  /** Who was there when it was last looked, and how often that had changed by then. */
  #known: readonly KnownPeer[] = [];
  #changes = 0;

  constructor(swarm: PexSwarm, clock: Clock) {
    this.#swarm = swarm;
    this.#clock = clock;
  }

  attach(peer: ExtensionPeer): ExtensionSession | null {
    if (!this.#swarm.mayExchange) return null;
    const partner = new PexPartner(peer);
    return {
      onHandshake: (_handshake, supported) => {
        if (supported) this.#partners.add(partner);
        else this.#partners.delete(partner);
      },
      onMessage: (payload) => this.#receive(partner, payload),
      onClose: () => void this.#partners.delete(partner),
    };
  }

  /** Called about once a second: tells whom it is time to tell. */
  tick(nowMs: number): void {
    if (!this.#swarm.mayExchange) return this.#partners.clear();
    let hasLooked = false;
    for (const partner of this.#partners) {
      if (nowMs - partner.sentMs < INTERVAL_MS) continue;
      if (!hasLooked) this.#look();
      hasLooked = true;
      partner.tell(this.#known, this.#changes, nowMs);
    }
  }

  #look(): void {
    const known = [...this.#swarm.reachablePeers()];
    const before = this.#known;
    this.#known = known;
    const isSame =
      known.length === before.length && known.every(({ id }, index) => id === before[index]!.id);
    if (!isSame) this.#changes++;
  }

  /** @throws {PeerError} `protocol` when the peer floods; {PeerWireError} when the message is not one. */
  #receive(partner: PexPartner, payload: Uint8Array): void {
    if (!partner.mayReceive(this.#clock.monotonicMs())) {
      throw protocolError(`more than ${MAX_MESSAGES} messages of peer exchange in a minute`);
    }
    const { added } = decodePex(payload);
    if (!this.#swarm.mayExchange) return;
    const { address } = partner.remote;
    const usable = added.filter((peer) => mayName(peer.address, address));
    if (usable.length > 0) this.#swarm.onPexPeers(usable, address);
  }
}

/** A connected peer, with the id of its view. */
type KnownPeer = PexPeer & { readonly id: number };

/** The exchange with one peer. */
class PexPartner {
  /** When a message was last sent. */
  sentMs = -Infinity;
  readonly #peer: ExtensionPeer;
  readonly #delta = new PexDelta();
  /** There was nothing left to tell after so many changes: a full swarm is not compared every second. */
  #toldAllAt = -1;
  /** When the last messages came, oldest first. */
  readonly #receivedMs: number[] = [];

  constructor(peer: ExtensionPeer) {
    this.#peer = peer;
  }

  get remote(): Endpoint {
    return this.#peer.view.remote;
  }

  /** @param changes How often the known peers have changed by now. */
  tell(known: readonly KnownPeer[], changes: number, nowMs: number): void {
    if (changes === this.#toldAllAt) return;
    const { view } = this.#peer;
    const others = known.filter(
      ({ id, address }) => id !== view.id && mayName(address, view.remote.address),
    );
    const message = this.#delta.next(others);
    if (message === null) {
      this.#toldAllAt = changes;
      return;
    }
    this.sentMs = nowMs;
    this.#peer.send(encodePex(message));
  }

  /** @returns Whether a message that comes now is within bounds. */
  mayReceive(nowMs: number): boolean {
    const oldest = this.#receivedMs.length < MAX_MESSAGES ? undefined : this.#receivedMs.shift();
    this.#receivedMs.push(nowMs);
    return oldest === undefined || nowMs - oldest >= INTERVAL_MS;
  }
}

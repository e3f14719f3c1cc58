import type { Trust } from "./trust.ts";

/** A connected peer, as far as its honesty is concerned. */
export interface Suspect {
  readonly remote: { readonly address: string };
  onParole: boolean;
}

/** What {@link Suspects} does to the swarm around it. */
export interface JudgedSwarm {
  readonly peers: Iterable<Suspect>;
  /** Bans an address and closes its connections. */
  ban(address: string, reason: string): void;
}

/**
 * Finds out who spoils pieces. Of a piece with one sender that sender is banned at once. Of several, each loses
 * trust and is on parole: it gets whole pieces by itself, and is cleared by a good one and banned by
 * a bad one. Meanwhile the blocks of the bad piece are compared with those of the good one that
 * follows, which may convict or clear them sooner.
 */
export class Suspects {
  readonly #trust: Trust;
  readonly #swarm: JudgedSwarm;

  constructor(trust: Trust, swarm: JudgedSwarm) {
    this.#trust = trust;
    this.#swarm = swarm;
  }

  /** A newcomer may be known from before. */
  greet(peer: Suspect): void {
    peer.onParole = this.#trust.isOnParole(peer.remote.address);
  }

  /** These addresses had part in a good piece. @param addresses May repeat. */
  credit(addresses: Iterable<string>): void {
    const senders = new Set(addresses);
    for (const address of senders) this.#trust.credit(address);
    if (senders.size === 1) for (const address of senders) this.#setParole(address, false);
  }

  /** These addresses had part in a bad piece. @param addresses May repeat. */
  blame(addresses: Iterable<string>, piece: number): void {
    const senders = new Set(addresses);
    for (const address of senders) {
      if (senders.size === 1) {
        this.#swarm.ban(address, `sent all of piece ${piece}, which is bad`);
      } else if (this.#trust.discredit(address)) {
        this.#swarm.ban(address, "had part in many bad pieces");
      } else {
        this.#setParole(address, true);
      }
    }
  }

  /** It is known whose fault a bad piece was: the others had no part in it. */
  judge(verdict: { guilty: Iterable<string>; innocent: Iterable<string> }): void {
    for (const address of verdict.innocent) {
      this.#trust.exonerate(address);
      this.#setParole(address, false);
    }
    for (const address of verdict.guilty) {
      this.#swarm.ban(address, "sent blocks proven to be bad");
    }
  }

  #setParole(address: string, isOnParole: boolean): void {
    this.#trust.setParole(address, isOnParole);
    for (const peer of this.#swarm.peers) {
      if (peer.remote.address === address) peer.onParole = isOnParole;
    }
  }
}

import { canonicalIp, isPublicAddress, parseIp, peerPriority } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";

/** Voters of a round; then a new one begins, so that an address that has changed is noticed. */
const ROUND_VOTERS = 50;

/** The votes of one kind of network: an address family, seen from the internet or from a private net. */
interface Ballot {
  current: string | null;
  readonly votes: Map<string, number>;
  /** IP addresses of those who voted in this round: each has one vote. */
  readonly voters: Set<string>;
}

/**
 * This machine's address as others see it, by majority: a single peer cannot talk it into another.
 * Peers say it in `yourip` (BEP 10), trackers in `external ip` (BEP 24).
 *
 * Seen from within a private network the address is another than from the internet, and so is that of
 * either family: each has votes of its own.
 */
export class ExternalAddress {
  readonly #ballots = new Map<string, Ballot>();
  /** Grows with each change. */
  #changes = 0;

  /** How often the address has changed: what was worked out from it can be told to be old. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * @param address What the voter says. What is no IP address is ignored.
   * @param voter IP address of who says it; a tracker's name will do.
   */
  vote(address: string, voter: string): void {
    if (parseIp(address) === null) return;
    const own = canonicalIp(address);
    const ballot = this.#ballotOf(own, isPrivate(voter));
    if (ballot.voters.has(voter)) return;
    if (ballot.voters.size >= ROUND_VOTERS) beginRound(ballot);
    ballot.voters.add(voter);
    const votes = (ballot.votes.get(own) ?? 0) + 1;
    ballot.votes.set(own, votes);
    const lead = ballot.current === null ? 0 : (ballot.votes.get(ballot.current) ?? 0);
    if (own === ballot.current || votes <= lead) return;
    ballot.current = own;
    this.#changes++;
  }

  /** This side's address as `remote` is likely to see it; null when nobody has said so far. */
  towards(remote: string): string | null {
    return this.#ballotOf(remote, isPrivate(remote)).current;
  }

  /**
   * Canonical peer priority (BEP 40).
   * @param port Where this side takes connections.
   * @returns An unsigned 32-bit number, the higher the better; 0 while the own address is not known.
   */
  priorityOf(remote: Endpoint, port: number): number {
    const address = this.towards(remote.address);
    return address === null ? 0 : peerPriority({ address, port }, remote);
  }

  #ballotOf(address: string, isPrivate: boolean): Ballot {
    const key = `${parseIp(address)?.length ?? 0}/${isPrivate}`;
    let ballot = this.#ballots.get(key);
    if (ballot === undefined) {
      ballot = { current: null, votes: new Map(), voters: new Set() };
      this.#ballots.set(key, ballot);
    }
    return ballot;
  }
}

/** What was found goes into a new round with half of its votes: no single voter overturns it, many do. */
function beginRound({ current, votes, voters }: Ballot): void {
  const left = current === null ? 0 : (votes.get(current) ?? 0) >> 1;
  voters.clear();
  votes.clear();
  if (current !== null) votes.set(current, left);
}

/** Names of trackers count as public. */
function isPrivate(voter: string): boolean {
  return parseIp(voter) !== null && !isPublicAddress(voter);
}

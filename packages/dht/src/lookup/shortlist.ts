import { compareDistance } from "../node-id/node-id.ts";
import { isSecureId } from "../node-id/secure-id.ts";
import { networkBlock, type NodeInfo, placeOf } from "../routing/contact.ts";

/** Candidates kept; further ones than these are never asked. */
const MAX_CANDIDATES = 200;

export interface Candidate extends NodeInfo {
  readonly isSecure: boolean;
  /** Steps from our own table. */
  readonly hop: number;
  state: "fresh" | "asked" | "slow" | "answered" | "failed";
  token: Uint8Array | null;
}

/**
 * The nodes that a look-up knows of, closest first. Each place and each network block (/24, /64) has one,
 * whoever is named first: who owns a network gets no more say in a look-up than anybody.
 */
export class Shortlist {
  readonly #target: Uint8Array;
  readonly #sorted: Candidate[] = [];
  readonly #places = new Set<string>();

  constructor(target: Uint8Array) {
    this.#target = target;
  }

  add(node: NodeInfo, hop: number): void {
    const place = placeOf(node);
    const block = networkBlock(node.address) ?? place;
    if (this.#places.has(place) || this.#places.has(block)) return;
    const index = this.#indexFor(node.id);
    if (index >= MAX_CANDIDATES) return;
    this.#places.add(place).add(block);
    const { id, address, port } = node;
    const isSecure = isSecureId(id, address);
    this.#sorted.splice(index, 0, {
      id,
      address,
      port,
      isSecure,
      hop,
      state: "fresh",
      token: null,
    });
    if (this.#sorted.length > MAX_CANDIDATES) this.#sorted.pop();
  }

  /**
   * Whom to ask next: the closest fresh one among the `count` closest that neither failed nor are slow, of
   * nodes with secure IDs first and then of the others. Each kind has its own front, so that invented IDs
   * push nobody out (BEP 42).
   */
  next(count: number, mayAskInsecure: boolean): Candidate | null {
    return this.#nextOf(true, count) ?? (mayAskInsecure ? this.#nextOf(false, count) : null);
  }

  /** Who answered: the `count` closest with secure IDs, and what others are closer than the last of these. */
  answered(count: number): Candidate[] {
    const found: Candidate[] = [];
    let secure = 0;
    let insecure = 0;
    for (const candidate of this.#sorted) {
      if (secure === count) break;
      if (candidate.state !== "answered") continue;
      if (candidate.isSecure) secure++;
      else if (++insecure > count) continue;
      found.push(candidate);
    }
    return found;
  }

  #nextOf(isSecure: boolean, count: number): Candidate | null {
    let seen = 0;
    for (const candidate of this.#sorted) {
      if (candidate.isSecure !== isSecure) continue;
      if (candidate.state === "failed" || candidate.state === "slow") continue;
      if (candidate.state === "fresh") return candidate;
      if (++seen === count) return null;
    }
    return null;
  }

  /** Where an ID belongs, by bisection. */
  #indexFor(id: Uint8Array): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareDistance(this.#target, this.#sorted[middle]!.id, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

import type { Endpoint } from "@shoal/runtime";
import { compareDistance, isSameId, NODE_ID_BITS, sharedPrefixBits } from "../node-id/node-id.ts";
import { Bucket } from "./bucket.ts";
import { type Contact, createContact, networkBlock, type NodeInfo, placeOf } from "./contact.ts";

/** Nodes of a bucket (BEP 5), and of an answer. */
export const K = 8;

/**
 * Places of the buckets that lie furthest from us, as libtorrent has them: look-ups start from
 * more nodes and so from closer ones. All others have `K`.
 */
const BUCKET_SIZES = [128, 64, 32, 16] as const;

/** Queries in a row without an answer, after which a node is dropped. */
const MAX_FAILURES = 2;

/** A node not heard of for so long is questionable, and asked (BEP 5). */
const QUESTIONABLE_MS = 15 * 60_000;

/**
 * The nodes that we know, many of the near ones and a few of the far ones: bucket n holds those that
 * share exactly n leading bits with our own ID.
 *
 * Only nodes that answered a query of ours come in, so a forged sender's address buys no place; at a
 * public address one node only; and each network gets one place a bucket.
 */
export class RoutingTable {
  readonly ownId: Uint8Array;
  readonly #buckets: Bucket[] = [];
  readonly #byPlace = new Map<string, Contact>();

  constructor(ownId: Uint8Array) {
    this.ownId = ownId;
  }

  get size(): number {
    return this.#byPlace.size;
  }

  /** The live nodes of every bucket, the furthest bucket first. */
  get buckets(): readonly (readonly Contact[])[] {
    return this.#buckets.map(({ live }) => live);
  }

  contacts(): IterableIterator<Contact> {
    return this.#byPlace.values();
  }

  /** The live node at that endpoint. */
  find(endpoint: Endpoint): Contact | undefined {
    const contact = this.#byPlace.get(placeOf(endpoint));
    return contact?.port === endpoint.port ? contact : undefined;
  }

  /** Whether it is worth a query to find out if a node is there. */
  wants(node: NodeInfo): boolean {
    const bits = sharedPrefixBits(this.ownId, node.id);
    if (bits === NODE_ID_BITS || this.#byPlace.has(placeOf(node))) return false;
    const bucket = this.#buckets[bits];
    return bucket === undefined || bucket.hasRoomFor(networkBlock(node.address));
  }

  /** A node answered a query of ours. */
  answered(node: NodeInfo, nowMs: number): void {
    const place = placeOf(node);
    const known = this.#byPlace.get(place);
    if (known !== undefined) {
      if (known.port === node.port && isSameId(known.id, node.id)) {
        known.answeredMs = nowMs;
        known.failures = 0;
        return;
      }
      // Another node at the address of one that is well: the first keeps its place. A node that
      // shows another ID than before loses it (BEP 45).
      if (known.port !== node.port && known.failures === 0) return;
      this.#remove(known);
    }
    const bits = sharedPrefixBits(this.ownId, node.id);
    if (bits === NODE_ID_BITS) return;
    const contact = createContact(node, nowMs);
    const admission = this.#bucket(bits).admit(contact);
    if (admission.kind !== "live") return;
    if (admission.evicted !== null) this.#byPlace.delete(placeOf(admission.evicted));
    this.#byPlace.set(place, contact);
  }

  /** A node queried us: one that answered before is known to be there still (BEP 5). */
  queried(node: NodeInfo, nowMs: number): void {
    const contact = this.find(node);
    if (contact !== undefined && isSameId(contact.id, node.id)) contact.queriedMs = nowMs;
  }

  /** A node did not answer, while others did. */
  failed(endpoint: Endpoint): void {
    const contact = this.find(endpoint);
    if (contact === undefined || ++contact.failures < MAX_FAILURES) return;
    this.#remove(contact);
  }

  /**
   * The nodes closest to a target, closest first: those that answered when last asked, and where there
   * are none, all.
   */
  closest(target: Uint8Array, count: number): Contact[] {
    const well = this.#collect(target, count, (contact) => contact.failures === 0);
    return well.length > 0 ? well : this.#collect(target, count, () => true);
  }

  /** The questionable nodes, those first that waited longest, `count` at most. */
  questionable(nowMs: number, count: number): Contact[] {
    const waiting: Contact[] = [];
    for (const contact of this.#byPlace.values()) {
      if (nowMs - lastSignOf(contact) >= QUESTIONABLE_MS) waiting.push(contact);
    }
    return waiting.sort((a, b) => lastSignOf(a) - lastSignOf(b)).slice(0, count);
  }

  /**
   * Bucket by bucket in the order of distance: the target's own, then all nearer to us, then the
   * further ones one after the other. No node of a later group is closer than one of an earlier.
   */
  #collect(target: Uint8Array, count: number, accept: (contact: Contact) => boolean): Contact[] {
    const found: Contact[] = [];
    const own = Math.min(sharedPrefixBits(this.ownId, target), this.#buckets.length);
    this.#addClosest(found, target, count, accept, own, own + 1);
    this.#addClosest(found, target, count, accept, own + 1, this.#buckets.length);
    for (let bits = own - 1; bits >= 0; bits--) {
      this.#addClosest(found, target, count, accept, bits, bits + 1);
    }
    return found;
  }

  /** Adds the closest of some buckets, in order. By insertion: nearly all are turned away by one comparison. */
  #addClosest(
    found: Contact[],
    target: Uint8Array,
    count: number,
    accept: (contact: Contact) => boolean,
    from: number,
    to: number,
  ): void {
    const first = found.length;
    if (first >= count) return;
    for (let bits = from; bits < to; bits++) {
      for (const contact of this.#buckets[bits]?.live ?? []) {
        if (!accept(contact)) continue;
        const isCloser = (other: Contact): boolean =>
          compareDistance(target, contact.id, other.id) < 0;
        let at = found.length;
        if (at === count && !isCloser(found[at - 1]!)) continue;
        if (at === count) found.pop();
        at = found.length;
        while (at > first && isCloser(found[at - 1]!)) at--;
        found.splice(at, 0, contact);
      }
    }
  }

  #bucket(bits: number): Bucket {
    for (let next = this.#buckets.length; next <= bits; next++) {
      this.#buckets.push(new Bucket(BUCKET_SIZES[next] ?? K));
    }
    return this.#buckets[bits]!;
  }

  #remove(contact: Contact): void {
    this.#byPlace.delete(placeOf(contact));
    const bucket = this.#bucket(sharedPrefixBits(this.ownId, contact.id));
    const isFree = (other: Contact): boolean => !this.#byPlace.has(placeOf(other));
    const promoted = bucket.remove(contact, isFree);
    if (promoted !== null) this.#byPlace.set(placeOf(promoted), promoted);
  }
}

/** When a node was last heard of, or at least asked. */
function lastSignOf({ answeredMs, queriedMs, triedMs }: Contact): number {
  return Math.max(answeredMs, queriedMs, triedMs);
}

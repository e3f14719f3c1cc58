import { immutableTarget, mutableTarget, toHex, verifyItem } from "@shoal/protocol";
import { lookUp, type LookupResult, type Responder } from "../lookup/lookup.ts";
import { isSameId } from "../node-id/node-id.ts";
import type { DhtNode } from "../node/dht-node.ts";
import { K } from "../routing/routing-table.ts";
import type { StoredItem } from "../server/item-store.ts";
import { placeOf } from "../routing/contact.ts";

/** A mutable item whose signature was checked. */
export interface MutableItem {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly seq: bigint;
  /** Bencoded, at most 1000 bytes. */
  readonly value: Uint8Array;
  readonly signature: Uint8Array;
}

/** What a look-up for a mutable item found by one node. */
export interface MutableSearch {
  readonly node: DhtNode;
  readonly item: MutableItem | null;
  readonly closest: readonly Responder[];
  /** The sequence number that each node has, by place. */
  readonly seqs: ReadonlyMap<string, bigint>;
}

/**
 * Looks for an immutable item: the first one that has the right hash is it.
 * @returns its bencoded value, or null.
 */
export async function findImmutable(
  node: DhtNode,
  target: Uint8Array,
  signal: AbortSignal,
): Promise<{ value: Uint8Array | null; result: LookupResult }> {
  let found: Uint8Array | null = null;
  const result = await lookUp(node, {
    target,
    request: { method: "get", target, want: node.want, seq: null },
    signal,
    onAnswer({ answer: { value } }) {
      if (value === null || !isSameId(immutableTarget(value), target)) return false;
      found = value.slice();
      return true;
    },
  });
  return { value: found, result };
}

/**
 * Looks for a mutable item: all of the closest nodes are asked, as some may have an older version.
 * Signatures are checked once for each version.
 */
export async function findMutable(
  node: DhtNode,
  key: { readonly publicKey: Uint8Array; readonly salt: Uint8Array },
  signal: AbortSignal,
): Promise<MutableSearch> {
  const { publicKey, salt } = key;
  const target = mutableTarget(publicKey, salt);
  const seqs = new Map<string, bigint>();
  const checked = new Set<string>();
  let item: MutableItem | null = null;
  const { closest } = await lookUp(node, {
    target,
    request: { method: "get", target, want: node.want, seq: null },
    signal,
    onAnswer({ answer: { value, seq, signature } }, from) {
      if (value === null || seq === null || signature === null) return;
      const candidate = { publicKey, salt, seq, value, signature };
      const version = toHex(signature) + toHex(value);
      if (!checked.has(version)) {
        if (!verifyItem(candidate)) return;
        checked.add(version);
      }
      seqs.set(placeOf(from), seq);
      if (item !== null && item.seq >= seq) return;
      item = { publicKey, salt, seq, value: value.slice(), signature: signature.slice() };
    },
  });
  return { node, item, closest, seqs };
}

/** An item that others stored here. */
export function storedMutable(stored: StoredItem, salt: Uint8Array): MutableItem | null {
  return stored.mutable === null ? null : { ...stored.mutable, salt, value: stored.value };
}

/** The newest of several versions. */
export function newestOf(items: readonly (MutableItem | null)[]): MutableItem | null {
  let newest: MutableItem | null = null;
  for (const item of items) {
    if (item !== null && (newest === null || item.seq > newest.seq)) newest = item;
  }
  return newest;
}

/**
 * Whether subscribers need not put an item again: more than 8 nodes have this version, and among them all
 * of the 8 closest (BEP 44).
 */
export function isWellKept({ closest, seqs }: MutableSearch, seq: bigint): boolean {
  const copies = [...seqs.values()].filter((other) => other === seq).length;
  return copies > K && closest.every((responder) => seqs.get(placeOf(responder)) === seq);
}

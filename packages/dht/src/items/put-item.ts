import { immutableTarget, MAX_ITEM_VALUE_BYTES, signItem } from "@shoal/protocol";
import { DhtError } from "../errors.ts";
import { lookUp } from "../lookup/lookup.ts";
import { storeAt, type StoreOutcome } from "../lookup/store-at.ts";
import type { DhtNode } from "../node/dht-node.ts";
import { placeOf } from "../routing/contact.ts";
import { type MutableItem, type MutableSearch, newestOf } from "./get-item.ts";

/**
 * Stores an immutable item at the nodes closest to its hash.
 * @param value Bencoded, at most 1000 bytes.
 * @returns how many nodes took it.
 * @throws {DhtError} `not-stored` when none did.
 */
export async function putImmutable(
  nodes: readonly DhtNode[],
  value: Uint8Array,
  signal: AbortSignal,
): Promise<number> {
  assertValueFits(value);
  const target = immutableTarget(value);
  const outcomes = nodes.map(async (node) => {
    // To its end, though the item may be there already: all of the closest shall have it.
    const request = { method: "get", target, want: node.want, seq: null } as const;
    const { closest } = await lookUp(node, { target, request, signal });
    return await storeAt(node, closest, (token) => ({
      method: "put",
      token,
      value,
      mutable: null,
    }));
  });
  return countStored(await Promise.all(outcomes));
}

/**
 * Signs the next version of a mutable item.
 * @param current The newest version that was found.
 * @throws {RangeError} when the value is longer than 1000 bytes, or the salt than 64.
 */
export function signNext(
  seed: Uint8Array,
  next: {
    readonly publicKey: Uint8Array;
    readonly salt: Uint8Array;
    readonly value: Uint8Array;
    readonly seq?: bigint | undefined;
  },
  current: MutableItem | null,
): MutableItem {
  const { publicKey, salt, value } = next;
  assertValueFits(value);
  const seq = next.seq ?? (current === null ? 1n : current.seq + 1n);
  return { publicKey, salt, seq, value, signature: signItem(seed, { salt, seq, value }) };
}

/**
 * Stores a mutable item at the nodes that look-ups found.
 * @param cas The sequence number that it replaces; sent to the nodes that have some version (BEP 44).
 * @throws {DhtError} `conflict` when a newer version is there, `not-stored` when nobody took it.
 */
export async function putMutable(
  searches: readonly MutableSearch[],
  item: MutableItem,
  cas: bigint | null,
): Promise<number> {
  const newest = newestOf(searches.map((search) => search.item));
  if (newest !== null && newest.seq > item.seq) throw conflict(newest.seq);
  const outcomes = await Promise.all(
    searches.map(({ node, closest, seqs }) =>
      storeAt(node, closest, (token, responder) => ({
        method: "put",
        token,
        value: item.value,
        mutable: {
          publicKey: item.publicKey,
          signature: item.signature,
          salt: item.salt,
          seq: item.seq,
          cas: seqs.has(placeOf(responder)) ? cas : null,
        },
      })),
    ),
  );
  return countStored(outcomes);
}

function countStored(outcomes: readonly StoreOutcome[]): number {
  const stored = outcomes.reduce((sum, outcome) => sum + outcome.stored, 0);
  if (stored > 0) return stored;
  if (outcomes.some(({ conflicts }) => conflicts > 0)) throw conflict(null);
  throw new DhtError(
    "not-stored",
    "No node of the DHT took the item: check that the network can be reached, and try again",
  );
}

function conflict(seq: bigint | null): DhtError {
  const found = seq === null ? "" : ` (its sequence number is ${seq})`;
  return new DhtError(
    "conflict",
    `Somebody stored a newer version in the meantime${found}: read it, and decide anew`,
  );
}

function assertValueFits(value: Uint8Array): void {
  if (value.length > MAX_ITEM_VALUE_BYTES) {
    throw new RangeError(
      `Expected a bencoded value of at most ${MAX_ITEM_VALUE_BYTES} bytes, got ${value.length}`,
    );
  }
}

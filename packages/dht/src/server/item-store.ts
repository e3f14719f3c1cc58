import {
  immutableTarget,
  KRPC_ERROR,
  type KrpcRequest,
  MAX_ITEM_VALUE_BYTES,
  MAX_SALT_BYTES,
  type MutableFields,
  mutableTarget,
  toHex,
  verifyItem,
} from "@shoal/protocol";
import { compareDistance } from "../node-id/node-id.ts";

/** Items kept: libtorrent's figure. */
const MAX_ITEMS = 700;
/** Items that one address may have put: others need the places too. */
const MAX_ITEMS_PER_ADDRESS = 50;
/** Items are put again every hour; one that was not is dropped after two (BEP 44). */
const ITEM_LIFETIME_MS = 2 * 60 * 60_000;

export interface StoredItem {
  readonly target: Uint8Array;
  /** Bencoded. */
  readonly value: Uint8Array;
  readonly mutable: MutableFields | null;
  /** Who put it last. */
  readonly address: string;
  readonly expiresMs: number;
}

/** Why an item was not stored: one of KRPC's error codes with its words. */
export interface PutFailure {
  readonly errorCode: number;
  readonly message: string;
}

export type PutRequest = KrpcRequest & { readonly method: "put" };

/** The target that a `put` is for. */
export function targetOfPut({ value, mutable }: PutRequest): Uint8Array {
  return mutable === null ? immutableTarget(value) : mutableTarget(mutable.publicKey, mutable.salt);
}

/** What is too long to be looked at; null when nothing is. */
export function checkPutLengths({ value, mutable }: PutRequest): PutFailure | null {
  if (value.length > MAX_ITEM_VALUE_BYTES) {
    const message = `Expected a value of at most ${MAX_ITEM_VALUE_BYTES} bytes`;
    return { errorCode: KRPC_ERROR.valueTooBig, message };
  }
  if (mutable !== null && mutable.salt.length > MAX_SALT_BYTES) {
    const message = `Expected a salt of at most ${MAX_SALT_BYTES} bytes`;
    return { errorCode: KRPC_ERROR.saltTooBig, message };
  }
  return null;
}

/** Items that others put here (BEP 44). */
export class ItemStore {
  /** By target in hex; those that were put last at the end. */
  readonly #items = new Map<string, StoredItem>();

  get size(): number {
    return this.#items.size;
  }

  get(target: Uint8Array, nowMs: number): StoredItem | null {
    const item = this.#items.get(toHex(target));
    return item !== undefined && item.expiresMs > nowMs ? item : null;
  }

  /**
   * Stores an item or says why not.
   * @param address Who puts it, with a valid token.
   * @param ownId Where all places are taken, the item furthest from this ID makes room: others are
   * closer to it, and keep it.
   */
  put(request: PutRequest, address: string, ownId: Uint8Array, nowMs: number): PutFailure | null {
    const failure = checkPutLengths(request) ?? this.#checkMutable(request, nowMs);
    if (failure !== null) return failure;
    const target = targetOfPut(request);
    const key = toHex(target);
    this.#items.delete(key);
    this.#makeRoom(address, ownId);
    const { mutable } = request;
    this.#items.set(key, {
      target,
      value: request.value.slice(),
      mutable:
        mutable === null
          ? null
          : {
              publicKey: mutable.publicKey.slice(),
              signature: mutable.signature.slice(),
              seq: mutable.seq,
            },
      address,
      expiresMs: nowMs + ITEM_LIFETIME_MS,
    });
    return null;
  }

  expire(nowMs: number): void {
    for (const [key, item] of this.#items) if (item.expiresMs <= nowMs) this.#items.delete(key);
  }

  /** Sequence numbers only grow; the signature is checked last, as it costs most. */
  #checkMutable(request: PutRequest, nowMs: number): PutFailure | null {
    const { value, mutable } = request;
    if (mutable === null) return null;
    const stored = this.get(targetOfPut(request), nowMs);
    const storedSeq = stored?.mutable?.seq;
    if (storedSeq !== undefined) {
      if (mutable.cas !== null && mutable.cas !== storedSeq) {
        const message = `The sequence number is ${storedSeq}: read the item again`;
        return { errorCode: KRPC_ERROR.casMismatch, message };
      }
      const isSame = mutable.seq === storedSeq && Buffer.compare(value, stored!.value) === 0;
      if (mutable.seq <= storedSeq && !isSame) {
        const message = `Expected a sequence number above ${storedSeq}`;
        return { errorCode: KRPC_ERROR.seqTooLow, message };
      }
    }
    if (verifyItem({ ...mutable, value })) return null;
    return { errorCode: KRPC_ERROR.badSignature, message: "Invalid signature" };
  }

  #makeRoom(address: string, ownId: Uint8Array): void {
    let furthest: string | null = null;
    let distant: Uint8Array | null = null;
    let ownCount = 0;
    let ownOldest: string | null = null;
    for (const [key, item] of this.#items) {
      if (item.address === address) {
        ownCount++;
        ownOldest ??= key;
      }
      if (distant === null || compareDistance(ownId, item.target, distant) > 0) {
        [furthest, distant] = [key, item.target];
      }
    }
    if (ownCount >= MAX_ITEMS_PER_ADDRESS) this.#items.delete(ownOldest!);
    else if (this.#items.size >= MAX_ITEMS) this.#items.delete(furthest!);
  }
}

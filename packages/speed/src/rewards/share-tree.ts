import { addressWord, type Address, keccak256, uintWord } from "@shoal/chain";

/** One account's part of an epoch's rewards. */
export interface Share {
  /** Its place in the tree. */
  readonly index: number;
  readonly account: Address;
  /** Wei. */
  readonly amount: bigint;
}

/**
 * The Merkle tree that `SeedRewards` checks proofs against: leaves are the hash of the hash of (epoch, index, account,
 * amount) as 32-byte words, two nodes are hashed with the lower one first, and a node without a neighbour rises as it is.
 */
export class ShareTree {
  /** From the leaves up to the root alone. */
  readonly #rows: (readonly Uint8Array[])[];

  /** @param shares In the order of their indexes, from 0; one at least. @throws {RangeError} */
  constructor(epoch: number, shares: readonly Share[]) {
    if (shares.length === 0) throw new RangeError("a tree without shares has no root");
    let row: readonly Uint8Array[] = shares.map((share, place) => {
      if (share.index !== place) throw new RangeError(`share ${share.index} in place ${place}`);
      return leafOf(epoch, share);
    });
    this.#rows = [row];
    while (row.length > 1) this.#rows.push((row = parentsOf(row)));
  }

  /** 32 bytes. */
  get root(): Uint8Array {
    return this.#rows.at(-1)![0]!;
  }

  /** The neighbours on the way up, 32 bytes each. @throws {RangeError} where there is no such share. */
  proof(index: number): readonly Uint8Array[] {
    if (this.#rows[0]![index] === undefined) throw new RangeError(`no share ${index}`);
    let place = index;
    return this.#rows.slice(0, -1).flatMap((row) => {
      const neighbour = row[place ^ 1];
      place >>= 1;
      return neighbour === undefined ? [] : [neighbour];
    });
  }
}

function leafOf(epoch: number, { index, account, amount }: Share): Uint8Array {
  const words = [
    uintWord(BigInt(epoch)),
    uintWord(BigInt(index)),
    addressWord(account),
    uintWord(amount),
  ];
  return keccak256(keccak256(Buffer.concat(words)));
}

function parentsOf(row: readonly Uint8Array[]): Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let at = 0; at < row.length; at += 2) {
    const [left, right] = [row[at]!, row[at + 1]];
    if (right === undefined) parents.push(left);
    else {
      const pair = Buffer.compare(left, right) < 0 ? [left, right] : [right, left];
      parents.push(keccak256(Buffer.concat(pair)));
    }
  }
  return parents;
}

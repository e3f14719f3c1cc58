import type { SqlRow, SqlStatement, StoreSchema } from "@shoal/runtime";
import type { Address, TransactionId } from "../network/address.ts";
import type { PreparedTransaction, SignedTransaction } from "../network/transaction.ts";

/**
 * Where a transaction of ours stands.
 *
 * - `waiting`: signed and kept; perhaps in a block, but not finally. It is sent again until it is settled.
 * - `done`, `failed`: finally in a block; `failed` was undone by the contract, its fee paid.
 * - `replaced`: another one of the same number is finally in a block: a faster one of ours, or one of the same key's
 *   from elsewhere.
 * - `expired`: its time went by.
 * - `rejected`: no node took it, and its number was given back.
 */
export type OutgoingState = "waiting" | "done" | "failed" | "replaced" | "expired" | "rejected";

/** A transaction that was signed here. */
export interface Outgoing {
  readonly id: TransactionId;
  readonly state: OutgoingState;
  readonly signed: SignedTransaction;
  /** How often its number was signed before: a replacement has 1 or more. */
  readonly generation: number;
  /** The caller's name for what is done by it, once. */
  readonly key: string | null;
  readonly createdMs: number;
  /** The block that it is in, as far as it is known; it may still be undone while `waiting`. */
  readonly blockNumber: number | null;
  /** Why nodes do not take it now. */
  readonly trouble: string | null;
}

export const OUTGOING_SCHEMA: StoreSchema = {
  name: "chain_outgoing",
  migrations: [
    `CREATE TABLE chain_outgoing (
       chain_id INTEGER NOT NULL,
       transaction_id TEXT NOT NULL,
       sender TEXT NOT NULL,
       sequence INTEGER,
       generation INTEGER NOT NULL,
       key TEXT,
       raw TEXT NOT NULL,
       prepared TEXT NOT NULL,
       state TEXT NOT NULL,
       created_ms INTEGER NOT NULL,
       block_number INTEGER,
       trouble TEXT,
       PRIMARY KEY (chain_id, transaction_id),
       UNIQUE (chain_id, sender, sequence, generation),
       UNIQUE (chain_id, sender, key, generation)
     ) STRICT;
     CREATE INDEX chain_outgoing_waiting ON chain_outgoing (chain_id, sender, state);`,
  ],
};

const COLUMNS = `transaction_id, sender, sequence, generation, key, raw, prepared, state,
  created_ms, block_number, trouble`;

export function insertOutgoing(outgoing: Outgoing): SqlStatement {
  const { signed, generation, key, createdMs, state } = outgoing;
  const { chainId, from, sequence } = signed.prepared;
  return {
    sql: `INSERT INTO chain_outgoing (chain_id, ${COLUMNS})
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)`,
    parameters: [
      chainId,
      signed.id,
      from,
      sequence,
      generation,
      key,
      signed.raw,
      toJson(signed.prepared),
      state,
      createdMs,
    ],
  };
}

export function updateOutgoing(
  { signed }: Outgoing,
  change: Pick<Outgoing, "state" | "blockNumber" | "trouble">,
): SqlStatement {
  return {
    sql: `UPDATE chain_outgoing SET state = ?, block_number = ?, trouble = ?
      WHERE chain_id = ? AND transaction_id = ?`,
    parameters: [
      change.state,
      change.blockNumber,
      change.trouble,
      signed.prepared.chainId,
      signed.id,
    ],
  };
}

/** Forgets one that was refused: the same, signed again, has the same id. */
export function forgetRejected({ id, prepared }: SignedTransaction): SqlStatement {
  return {
    sql: `DELETE FROM chain_outgoing
      WHERE chain_id = ? AND transaction_id = ? AND state = 'rejected'`,
    parameters: [prepared.chainId, id],
  };
}

/** Gives a name back, so that the same thing may be tried again. */
export function releaseKey({ signed }: Outgoing): SqlStatement {
  return {
    sql: "UPDATE chain_outgoing SET key = NULL WHERE chain_id = ? AND transaction_id = ?",
    parameters: [signed.prepared.chainId, signed.id],
  };
}

export interface OutgoingFilter {
  readonly chainId: number;
  readonly sender?: Address;
  readonly state?: OutgoingState;
  readonly id?: TransactionId;
  readonly key?: string;
  readonly sequence?: number;
}

/** In the order of signing. */
export function selectOutgoing(filter: OutgoingFilter): SqlStatement {
  const { chainId, sender, state, id, key, sequence } = filter;
  const conditions = [
    ["chain_id", chainId],
    ["sender", sender],
    ["state", state],
    ["transaction_id", id],
    ["key", key],
    ["sequence", sequence],
  ] as const;
  const used = conditions.filter((condition) => condition[1] !== undefined);
  return {
    sql: `SELECT ${COLUMNS} FROM chain_outgoing
      WHERE ${used.map(([column]) => `${column} = ?`).join(" AND ")} ORDER BY rowid`,
    parameters: used.map((condition) => condition[1] ?? null),
  };
}

export function readOutgoing(row: SqlRow): Outgoing {
  const id = row.transaction_id as TransactionId;
  const prepared = fromJson(String(row.prepared)) as PreparedTransaction;
  return {
    id,
    state: row.state as OutgoingState,
    signed: { id, prepared, raw: row.raw as SignedTransaction["raw"] },
    generation: Number(row.generation),
    key: row.key as string | null,
    createdMs: Number(row.created_ms),
    blockNumber: row.block_number as number | null,
    trouble: row.trouble as string | null,
  };
}

/** JSON has no whole numbers of this size: they are `{ "$n": "123" }`. */
function toJson(value: object): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "bigint" ? { $n: inner.toString() } : inner,
  );
}

function fromJson(text: string): unknown {
  return JSON.parse(text, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || !("$n" in inner)) return inner;
    return BigInt(String(inner.$n));
  }) as unknown;
}

import { createHash } from "node:crypto";
import { toHex } from "@shoal/protocol";
import type { AnnounceEvent } from "@shoal/protocol";
import type { Clock, Random, StoreSchema, Tables, Timer } from "@shoal/runtime";
import { AccountError } from "../errors.ts";

/** Passkeys are kept as hashes: who reads the database cannot announce with them. */
export const ACCOUNTS_SCHEMA: StoreSchema = {
  name: "tracker",
  migrations: [
    `CREATE TABLE tracker_accounts (
       name TEXT PRIMARY KEY,
       passkey_hash BLOB NOT NULL UNIQUE,
       uploaded INTEGER NOT NULL DEFAULT 0,
       downloaded INTEGER NOT NULL DEFAULT 0
     ) WITHOUT ROWID;`,
  ],
};

const PASSKEY_BYTES = 20;
/** What has been counted is committed so often: a kill loses no more. */
const COMMIT_MS = 1000;
/** Faster than any line that a peer has: 10 Gbit/s. A claim beyond it is not counted. */
const MAX_BYTES_PER_S = 1_250_000_000;

export interface Account {
  readonly name: string;
  uploadedBytes: number;
  downloadedBytes: number;
}

/** What an announce says of a peer's traffic, since the peer started. */
export interface ReportedTraffic {
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  readonly event?: AnnounceEvent | undefined;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
}

/** The users of a private tracker, by their passkeys, and what they have moved. */
export interface Accounts {
  find(passkey: string): Account | null;
  /** Adds to the account what the peer has moved since it last announced. */
  count(account: Account, traffic: ReportedTraffic): void;
  list(): readonly Account[];
  /**
   * Makes an account.
   * @returns its passkey, which is shown this once.
   * @throws {AccountError} `duplicate-account`.
   */
  add(name: string): Promise<string>;
  /** @throws {AccountError} `unknown-account`. */
  remove(name: string): Promise<void>;
  /** Takes in accounts that another process has made, and lets go of those it has removed. */
  reload(): Promise<void>;
  /** Commits what was counted. */
  close(): Promise<void>;
}

interface Moved {
  uploadedBytes: number;
  downloadedBytes: number;
}

interface LastReport extends Moved {
  readonly atMs: number;
}

/**
 * Opens the accounts that the store keeps.
 *
 * Only the difference between two announces of one peer counts, so a restart of the tracker or of
 * the peer counts nothing twice, and at most loses the time between.
 * @param options.peerLifetimeMs After so long without an announce a peer is forgotten.
 */
export async function openAccounts(options: {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly random: Random;
  readonly peerLifetimeMs: number;
}): Promise<Accounts> {
  const { tables, clock, random, peerLifetimeMs } = options;
  const byHash = new Map<string, Account>();
  const hashes = new Map<Account, string>();
  /** What was counted and is not committed yet. */
  let pending = new Map<Account, Moved>();
  const reports = new Map<Account, Map<string, LastReport>>();
  let committing: Promise<void> = Promise.resolve();

  await reload();
  const timers: readonly Timer[] = [
    clock.setRepeating(COMMIT_MS, () => void commit().catch(() => {})),
    clock.setRepeating(peerLifetimeMs, forgetSilent),
  ];

  function enter(hash: string, account: Account): void {
    byHash.set(hash, account);
    hashes.set(account, hash);
  }

  async function reload(): Promise<void> {
    const rows = await tables.select({ sql: "SELECT * FROM tracker_accounts" });
    const kept = new Set<string>();
    for (const row of rows) {
      const hash = toHex(row["passkey_hash"] as Uint8Array);
      kept.add(hash);
      if (byHash.has(hash)) continue;
      enter(hash, {
        name: row["name"] as string,
        uploadedBytes: Number(row["uploaded"]),
        downloadedBytes: Number(row["downloaded"]),
      });
    }
    for (const [hash, account] of byHash) if (!kept.has(hash)) forget(hash, account);
  }

  function forget(hash: string, account: Account): void {
    byHash.delete(hash);
    hashes.delete(account);
    pending.delete(account);
    reports.delete(account);
  }

  function addPending(account: Account, { uploadedBytes, downloadedBytes }: Moved): void {
    const moved = pending.get(account) ?? { uploadedBytes: 0, downloadedBytes: 0 };
    moved.uploadedBytes += uploadedBytes;
    moved.downloadedBytes += downloadedBytes;
    pending.set(account, moved);
  }

  /** One at a time; what changes meanwhile goes with the next. */
  function commit(): Promise<void> {
    committing = committing
      .catch(() => {})
      .then(async () => {
        if (pending.size === 0) return;
        const batch = pending;
        pending = new Map();
        try {
          await tables.commit(
            [...batch].map(([{ name }, { uploadedBytes, downloadedBytes }]) => ({
              sql: `UPDATE tracker_accounts
                    SET uploaded = uploaded + ?, downloaded = downloaded + ? WHERE name = ?`,
              parameters: [uploadedBytes, downloadedBytes, name],
            })),
            "normal",
          );
        } catch (error) {
          for (const [account, moved] of batch) {
            if (hashes.has(account)) addPending(account, moved);
          }
          throw error;
        }
      });
    return committing;
  }

  function forgetSilent(): void {
    const oldestMs = clock.monotonicMs() - peerLifetimeMs;
    for (const [account, peers] of reports) {
      for (const [key, { atMs }] of peers) if (atMs < oldestMs) peers.delete(key);
      if (peers.size === 0) reports.delete(account);
    }
  }

  function find(name: string): Account {
    const account = [...hashes.keys()].find((candidate) => candidate.name === name);
    if (account !== undefined) return account;
    throw new AccountError("unknown-account", `there is no account ${name}`);
  }

  return {
    reload,
    find: (passkey) => byHash.get(hashOf(passkey)) ?? null,
    count(account, traffic) {
      const key = toHex(traffic.infoHash) + toHex(traffic.peerId);
      const { uploadedBytes, downloadedBytes } = traffic;
      const nowMs = clock.monotonicMs();
      const peers = reports.get(account) ?? new Map<string, LastReport>();
      const last = peers.get(key);
      if (last !== undefined && traffic.event !== "started") {
        const possible = ((nowMs - last.atMs) / 1000) * MAX_BYTES_PER_S;
        // Less than before: the peer has begun anew. More than any line carries: it lies.
        const difference = (now: number, before: number): number =>
          now > before && now - before <= possible ? now - before : 0;
        const moved = {
          uploadedBytes: difference(uploadedBytes, last.uploadedBytes),
          downloadedBytes: difference(downloadedBytes, last.downloadedBytes),
        };
        account.uploadedBytes += moved.uploadedBytes;
        account.downloadedBytes += moved.downloadedBytes;
        addPending(account, moved);
      }
      if (traffic.event === "stopped") peers.delete(key);
      else peers.set(key, { uploadedBytes, downloadedBytes, atMs: nowMs });
      reports.set(account, peers);
    },
    list: () => [...hashes.keys()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    async add(name) {
      if ([...hashes.keys()].some((account) => account.name === name)) {
        throw new AccountError("duplicate-account", `there is an account ${name} already`);
      }
      const passkey = toHex(random.bytes(PASSKEY_BYTES));
      const hash = hashOf(passkey);
      await tables.commit([
        {
          sql: "INSERT INTO tracker_accounts (name, passkey_hash) VALUES (?, ?)",
          parameters: [name, new Uint8Array(Buffer.from(hash, "hex"))],
        },
      ]);
      enter(hash, { name, uploadedBytes: 0, downloadedBytes: 0 });
      return passkey;
    },
    async remove(name) {
      const account = find(name);
      await tables.commit([
        { sql: "DELETE FROM tracker_accounts WHERE name = ?", parameters: [name] },
      ]);
      forget(hashes.get(account)!, account);
    },
    async close() {
      for (const timer of timers) timer.cancel();
      await commit();
    },
  };
}

function hashOf(passkey: string): string {
  return createHash("sha256").update(passkey).digest("hex");
}

import type { Clock, Random, SqlStatement, Tables } from "@shoal/runtime";
import type { Endings } from "./endings.ts";
import { createSecret, hashSecret } from "./secret.ts";

/** Browsers that are signed in; the one that was away longest gives way. */
const MAX_SESSIONS = 100;

export const SESSION_IDLE_MS = 30 * 24 * 3_600_000;
const SESSION_LIFETIME_MS = 180 * 24 * 3_600_000;

/** Use is written down so often. */
const USE_STEP_MS = 60_000;

interface Session {
  readonly hash: string;
  readonly createdMs: number;
  usedMs: number;
}

interface SessionPorts {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly random: Random;
  readonly endings: Endings;
}

const PREFIX = "session ";

function nameOf(hash: string): string {
  return PREFIX + hash;
}

/** Browsers that have signed in. They outlive the daemon's runs, and end after 30 days without use, 180 in all. */
export class SessionBook {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #endings: Endings;
  readonly #sessions: Map<string, Session>;

  private constructor(ports: SessionPorts, sessions: readonly Session[]) {
    this.#tables = ports.tables;
    this.#clock = ports.clock;
    this.#random = ports.random;
    this.#endings = ports.endings;
    this.#sessions = new Map(sessions.map((session) => [session.hash, session]));
  }

  static async open(ports: SessionPorts): Promise<SessionBook> {
    const rows = await ports.tables.select({
      sql: "SELECT hex(hash) AS hash, created_ms, used_ms FROM node_access_sessions",
    });
    const sessions = rows.map((row) => ({
      hash: String(row["hash"]).toLowerCase(),
      createdMs: Number(row["created_ms"]),
      usedMs: Number(row["used_ms"]),
    }));
    return new SessionBook(ports, sessions);
  }

  /** @returns The new session's token. */
  async begin(): Promise<string> {
    const token = createSecret(this.#random);
    const nowMs = Math.floor(this.#clock.nowMs());
    const session = { hash: hashSecret(token), createdMs: nowMs, usedMs: nowMs };
    const gone = this.#surplus();
    await this.#tables.commit([
      ...gone.map(removal),
      {
        sql: "INSERT INTO node_access_sessions (hash, created_ms, used_ms) VALUES (unhex(?), ?, ?)",
        parameters: [session.hash, nowMs, nowMs],
      },
    ]);
    for (const hash of gone) {
      this.#sessions.delete(hash);
      this.#endings.end(nameOf(hash));
    }
    this.#sessions.set(session.hash, session);
    return token;
  }

  /** @returns the name under which the token's session ends; null when there is none that holds. Counts as use. */
  use(token: string): string | null {
    const session = this.#sessions.get(hashSecret(token));
    if (session === undefined || !this.#holds(session)) return null;
    const nowMs = Math.floor(this.#clock.nowMs());
    if (Math.abs(nowMs - session.usedMs) >= USE_STEP_MS) {
      session.usedMs = nowMs;
      const sql = "UPDATE node_access_sessions SET used_ms = ? WHERE hash = unhex(?)";
      // What is lost with it is a minute of a month.
      this.#tables.commit([{ sql, parameters: [nowMs, session.hash] }], "normal").catch(() => {});
    }
    return nameOf(session.hash);
  }

  async end(token: string): Promise<void> {
    const hash = hashSecret(token);
    if (!this.#sessions.delete(hash)) return;
    this.#endings.end(nameOf(hash));
    await this.#tables.commit([removal(hash)], "full");
  }

  /** Ends all sessions, together with what else is to be written. */
  async endAll(statements: readonly SqlStatement[] = []): Promise<void> {
    await this.#tables.commit([...statements, { sql: "DELETE FROM node_access_sessions" }], "full");
    this.#sessions.clear();
    this.#endings.endAll(PREFIX);
  }

  #holds({ createdMs, usedMs }: Session): boolean {
    const nowMs = Math.floor(this.#clock.nowMs());
    return nowMs - usedMs < SESSION_IDLE_MS && nowMs - createdMs < SESSION_LIFETIME_MS;
  }

  /** Those that end to make room for one more. */
  #surplus(): readonly string[] {
    const sessions = [...this.#sessions.values()].toSorted((a, b) => b.usedMs - a.usedMs);
    const kept = sessions.filter((session) => this.#holds(session)).slice(0, MAX_SESSIONS - 1);
    const keptHashes = new Set(kept.map(({ hash }) => hash));
    return sessions.map(({ hash }) => hash).filter((hash) => !keptHashes.has(hash));
  }
}

function removal(hash: string): SqlStatement {
  return { sql: "DELETE FROM node_access_sessions WHERE hash = unhex(?)", parameters: [hash] };
}

import { isPublicAddress } from "@shoal/protocol";

/** A source may send 5 messages a second, averaged over 10 s: libtorrent's figures. */
const WINDOW_MS = 10_000;
const MAX_MESSAGES = 50;
/** Who sends more is not listened to for so long. */
const BLOCK_MS = 5 * 60_000;
/** Sources remembered at most, and as many that are blocked. */
const MAX_SOURCES = 4096;

interface Source {
  windowEndsMs: number;
  messages: number;
}

/**
 * Limits how much each address may send. Only public ones: the nodes of a test, or of a network behind
 * one router, share an address. Answers to queries of ours are not counted, so nobody can cut us off from
 * a node by sending in its name.
 */
export class SourceLimiter {
  readonly #sources = new Map<string, Source>();
  readonly #blockedUntilMs = new Map<string, number>();

  /** Counts a message. Returns whether it may be looked at. */
  allows(address: string, nowMs: number): boolean {
    if (!isPublicAddress(address)) return true;
    const untilMs = this.#blockedUntilMs.get(address);
    if (untilMs !== undefined) {
      if (nowMs < untilMs) return false;
      this.#blockedUntilMs.delete(address);
    }
    const source = this.#sources.get(address);
    if (source === undefined || nowMs >= source.windowEndsMs) {
      this.#sources.delete(address);
      keepBelow(this.#sources, MAX_SOURCES);
      this.#sources.set(address, { windowEndsMs: nowMs + WINDOW_MS, messages: 1 });
      return true;
    }
    if (++source.messages <= MAX_MESSAGES) return true;
    this.#sources.delete(address);
    keepBelow(this.#blockedUntilMs, MAX_SOURCES);
    this.#blockedUntilMs.set(address, nowMs + BLOCK_MS);
    return false;
  }

  /** Sources and blocks that are remembered. */
  get size(): number {
    return this.#sources.size + this.#blockedUntilMs.size;
  }
}

/** Forgets the oldest. */
function keepBelow(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size < limit) return;
    map.delete(key);
  }
}

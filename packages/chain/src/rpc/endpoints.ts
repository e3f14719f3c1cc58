import { ChainError, RpcError } from "../errors.ts";
import type { Endpoint } from "./rpc.ts";

/** What one endpoint said: its result, or why there is none. */
export type Answer =
  | { readonly endpoint: Endpoint; readonly result: unknown }
  | { readonly endpoint: Endpoint; readonly error: unknown };

export interface EndpointsOptions {
  /** For messages. */
  readonly title: string;
  readonly endpoints: readonly Endpoint[];
  readonly chainId: number;
}

/** How long one that failed is asked last. Counted in requests, so that no clock is needed. */
const FAILURES_FORGOTTEN_AFTER = 50;

/**
 * The endpoints of one network. One that does not answer, or is of another chain, is left out for a while; money that is
 * released hangs on what most of them say alike.
 */
export class Endpoints {
  readonly #options: EndpointsOptions;
  readonly #checked = new Map<Endpoint, Promise<void>>();
  /** Requests until an endpoint is first choice again. */
  readonly #penalties = new Map<Endpoint, number>();
  #isClosed = false;

  constructor(options: EndpointsOptions) {
    if (options.endpoints.length === 0) {
      throw new ChainError("unreachable", `${options.title} has no endpoint: name one with --rpc.`);
    }
    this.#options = options;
  }

  /** So many endpoints have to say the same: more than half of all that are configured. */
  get quorum(): number {
    return Math.floor(this.#options.endpoints.length / 2) + 1;
  }

  /**
   * Asks one endpoint after another until one answers.
   * @param read Takes the answer apart; when it throws, the next endpoint is asked.
   * @throws {RpcError} what an endpoint refuses for a reason that lies in the request.
   * @throws {ChainError} `unreachable`, `wrong-network`, `bad-answer`.
   */
  async ask(method: string, params?: readonly unknown[]): Promise<unknown>;
  async ask<T>(
    method: string,
    params: readonly unknown[],
    read: (result: unknown) => T,
  ): Promise<T>;
  async ask(
    method: string,
    params: readonly unknown[] = [],
    read: (result: unknown) => unknown = (result) => result,
  ): Promise<unknown> {
    let last: unknown;
    for (const endpoint of this.#byHealth()) {
      try {
        const result = await this.#request(endpoint, method, params);
        try {
          return read(result);
        } catch (error) {
          this.#penalties.set(endpoint, FAILURES_FORGOTTEN_AFTER);
          throw error;
        }
      } catch (error) {
        if (isFinalRefusal(error)) throw error;
        last = error;
      }
    }
    throw this.#failure(last);
  }

  /** Asks all of them at once, and answers when all have answered or failed. */
  async askAll(method: string, params: readonly unknown[] = []): Promise<Answer[]> {
    return await Promise.all(
      this.#options.endpoints.map(async (endpoint): Promise<Answer> => {
        try {
          return { endpoint, result: await this.#request(endpoint, method, params) };
        } catch (error) {
          return { endpoint, error };
        }
      }),
    );
  }

  /**
   * What most endpoints say alike.
   * @param read Takes of an answer what has to be the same; what it throws makes the answer no answer.
   * @throws {ChainError} `no-quorum`; `unreachable` when none answers.
   */
  async agree<T>(
    method: string,
    params: readonly unknown[],
    read: (result: unknown) => T,
  ): Promise<T> {
    const answers = await this.askAll(method, params);
    const votes = new Map<string, { value: T; count: number }>();
    let refusal: unknown;
    for (const answer of answers) {
      if ("error" in answer) {
        refusal ??= answer.error;
        continue;
      }
      try {
        const value = read(answer.result);
        const key = fingerprint(value);
        const vote = votes.get(key) ?? { value, count: 0 };
        vote.count++;
        votes.set(key, vote);
        if (vote.count >= this.quorum) return vote.value;
      } catch (error) {
        refusal ??= error;
      }
    }
    const refusals = answers.filter((answer) => "error" in answer && isFinalRefusal(answer.error));
    if (refusals.length >= this.quorum) throw refusal;
    if (votes.size === 0) throw this.#failure(refusal);
    const { title, endpoints } = this.#options;
    throw new ChainError(
      "no-quorum",
      `${this.quorum} of the ${endpoints.length} endpoints of ${title} would have to agree about this, and do not. ` +
        "Nothing is done on the word of fewer.",
    );
  }

  close(): void {
    this.#isClosed = true;
  }

  async #request(endpoint: Endpoint, method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#isClosed) {
      throw new ChainError("closed", `The connection to ${this.#options.title} is closed.`);
    }
    try {
      await this.#check(endpoint);
      const result = await endpoint.rpc.request({ method, params });
      this.#penalties.delete(endpoint);
      return result;
    } catch (error) {
      if (!isFinalRefusal(error)) this.#penalties.set(endpoint, FAILURES_FORGOTTEN_AFTER);
      throw error;
    }
  }

  /** An endpoint of another chain would show other people's balances, and take transactions for other money. */
  async #check(endpoint: Endpoint): Promise<void> {
    let check = this.#checked.get(endpoint);
    if (check === undefined) {
      check = this.#askChainId(endpoint);
      this.#checked.set(endpoint, check);
      // Who could not be asked is asked again.
      check.catch(() => this.#checked.delete(endpoint));
    }
    await check;
  }

  async #askChainId(endpoint: Endpoint): Promise<void> {
    const { title, chainId } = this.#options;
    const answered = Number(await endpoint.rpc.request({ method: "eth_chainId" }));
    if (answered === chainId) return;
    throw new ChainError(
      "wrong-network",
      `${endpoint.name} is of chain ${answered}, and ${title} is chain ${chainId}. Name another endpoint.`,
    );
  }

  #byHealth(): readonly Endpoint[] {
    for (const [endpoint, penalty] of this.#penalties) {
      if (penalty <= 1) this.#penalties.delete(endpoint);
      else this.#penalties.set(endpoint, penalty - 1);
    }
    const weight = (endpoint: Endpoint) => this.#penalties.get(endpoint) ?? 0;
    return this.#options.endpoints.toSorted((a, b) => weight(a) - weight(b));
  }

  #failure(cause: unknown): unknown {
    if (cause instanceof ChainError && cause.code !== "unreachable") return cause;
    const { title, endpoints } = this.#options;
    const names = endpoints.map(({ name }) => name).join(", ");
    const reason = cause instanceof Error ? ` ${cause.message}` : "";
    return new ChainError("unreachable", `No endpoint of ${title} answers (${names}).${reason}`, {
      cause,
    });
  }
}

/** Codes by which a node says that it cannot just now, or does not speak of such things: another one may. */
const NODE_TROUBLE: ReadonlySet<number> = new Set([
  -32601, -32603, -32002, -32004, -32005, -32006, -32097, 429,
]);

/** The request is at fault: the next endpoint would refuse it too. */
export function isFinalRefusal(error: unknown): boolean {
  if (!(error instanceof RpcError)) return false;
  if (revertDataOf(error) !== null) return true;
  return !NODE_TROUBLE.has(error.code) && !/rate limit|too many requests/i.test(error.message);
}

/** What a reverting contract returned; null when the error is of something else. */
export function revertDataOf(error: unknown): `0x${string}` | null {
  if (!(error instanceof RpcError)) return null;
  const found = findHex(error.data);
  if (error.code === 3) return found ?? "0x";
  return /revert/i.test(error.message) ? (found ?? "0x") : null;
}

/** Nodes put it at different depths: `data`, `data.data`, `data.result`, or behind "Reverted ". */
function findHex(data: unknown, depth = 0): `0x${string}` | null {
  if (typeof data === "string") {
    return (/^(?:Reverted )?(0x(?:[0-9a-f]{2})*)$/i.exec(data)?.[1] as `0x${string}`) ?? null;
  }
  if (typeof data !== "object" || data === null || depth > 2) return null;
  const { data: inner, result } = data as Record<string, unknown>;
  return findHex(inner, depth + 1) ?? findHex(result, depth + 1);
}

/** Equal for values that are equal, whatever the order of their keys. */
function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "bigint") return `${inner}n`;
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

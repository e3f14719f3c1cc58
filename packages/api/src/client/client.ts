import { API_PREFIX, type Operation, OPERATIONS, type OperationId } from "../operations.ts";
import type { Answer, JsonOperationId, Sent } from "../routes/routes.ts";
import type { Problem } from "../schemas/problem.ts";

/** What carries a request: `fetch` in a browser, a Unix socket's client on the command line. */
export type Carry = (request: {
  readonly method: string;
  /** Path and query, from the root. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}) => Promise<{
  readonly status: number;
  text(): Promise<string>;
  /** The answer as it is read; `text` is parsed when absent. */
  json?(): Promise<unknown>;
}>;

/** The daemon refused a request, or failed at it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code;
    this.problem = problem;
  }
}

/** Calls the daemon's operations by their IDs, typed by the table that the daemon answers by. */
export interface ApiClient {
  /** @throws {ApiError} when the answer is an error; what `carry` throws when there is none. */
  call<Id extends JsonOperationId>(
    id: Id,
    ...input: object extends Sent<Id>
      ? [input?: Sent<Id>, signal?: AbortSignal]
      : [input: Sent<Id>, signal?: AbortSignal]
  ): Promise<Answer<Id>>;
}

/** @param headers Sent with every request: `authorization: Bearer ...` where a key is used. */
export function createClient(
  carry: Carry,
  headers: Readonly<Record<string, string>> = {},
): ApiClient {
  return {
    async call(id, ...[input, signal]) {
      const { method, target, body } = describeRequest(id, input ?? {});
      const response = await carry({
        method,
        target,
        headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
      if (response.status >= 200 && response.status < 300) {
        return (await (response.json?.() ?? parse(response))) as never;
      }
      throw new ApiError(response.status, readProblem(response.status, await response.text()));
    },
  };
}

async function parse(response: { text(): Promise<string> }): Promise<unknown> {
  return JSON.parse(await response.text()) as unknown;
}

/** Where an operation's input goes: into the path, and the rest into the query or the body, by the method. */
export function describeRequest(
  id: OperationId,
  input: object,
): { readonly method: string; readonly target: string; readonly body?: string } {
  const { method, path }: Operation = OPERATIONS[id];
  const rest: Record<string, unknown> = { ...input };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  const target = `${API_PREFIX}${filled}`;
  if (method !== "GET" && method !== "DELETE")
    return { method, target, body: JSON.stringify(rest) };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest as Record<string, string | number | boolean>)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return { method, target: query.size > 0 ? `${target}?${query.toString()}` : target };
}

function readProblem(status: number, text: string): Problem {
  try {
    const parsed = JSON.parse(text) as Partial<Problem> | null;
    if (typeof parsed?.code === "string" && typeof parsed.message === "string")
      return parsed as Problem;
  } catch {}
  return {
    code: "bad-answer",
    message: `The daemon answered ${status}, and no reason that can be read.`,
  };
}

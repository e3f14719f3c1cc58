import { createHash } from "node:crypto";
import { API_PREFIX, type OperationId, routeOf } from "@shoal/api";
import type { HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import type { Face } from "../faces/face.ts";
import { assertAllowed } from "./assert-allowed.ts";
import type { Call, Handlers } from "./handlers.ts";
import { describeFailure } from "./describe-failure.ts";
import { readInput } from "./read-input.ts";
import { matchRoute } from "./route-table.ts";

const DEFAULT_BODY_BYTES = 64 * 1024;
const MAX_TAGGED_BYTES = 256 * 1024;

type AnyHandler = (input: object, call: Call) => unknown;

/** The REST interface: finds the operation, checks that the caller may, checks the input, and answers. */
export function createRestFace(handlers: Handlers): Face {
  const handlerOf = (id: OperationId): AnyHandler => handlers[id] as AnyHandler;
  return {
    owns: (path) => path === API_PREFIX || path.startsWith(`${API_PREFIX}/`),
    maxBodyBytes(method, path) {
      const match = matchRoute(asRouted(method), path.slice(API_PREFIX.length));
      return "id" in match ? (routeOf(match.id).maxBodyBytes ?? DEFAULT_BODY_BYTES) : 0;
    },
    async handle(request, caller) {
      const headers: Record<string, string> = { "cache-control": "no-store" };
      try {
        const { id, parts } = findOperation(request);
        assertAllowed(id, caller);
        const input = readInput(routeOf(id), parts, request);
        const setHeader = (name: string, value: string): void => void (headers[name] = value);
        const answer = await handlerOf(id)(input, { caller, request, setHeader });
        if (typeof routeOf(id).answer === "string") return answer as HttpServerResponse;
        return unlessKnown(request, json(200, answer, headers));
      } catch (error) {
        const { status, problem, headers: more } = describeFailure(error);
        return json(status, problem, { ...headers, ...more });
      }
    },
  };
}

function findOperation({ method, target }: HttpServerRequest) {
  const [path = ""] = target.split("?", 1);
  const match = matchRoute(asRouted(method), path.slice(API_PREFIX.length));
  if ("id" in match) return match;
  if (match.allowed.length === 0) throw new NodeError("not-found", `There is nothing at ${path}.`);
  throw new NodeError("bad-request", `${path} takes ${match.allowed.join(", ")}, not ${method}.`);
}

/** HEAD is answered as GET, and the server sends no body (RFC 9110, 9.3.2). */
function asRouted(method: string): string {
  return method === "HEAD" ? "GET" : method;
}

function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): HttpServerResponse & { readonly body: Uint8Array } {
  return {
    status,
    headers: { ...headers, "content-type": "application/json; charset=utf-8" },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/**
 * Tells whoever asks again, with the tag of the answer that he has, that it still holds: pages look at peers and files
 * every few seconds. Long answers are not worth their hash.
 * @see RFC 9110, 13.1.2 If-None-Match
 */
function unlessKnown(
  { method, headers }: HttpServerRequest,
  answer: HttpServerResponse & { readonly body: Uint8Array },
): HttpServerResponse {
  if (asRouted(method) !== "GET" || answer.body.length > MAX_TAGGED_BYTES) return answer;
  const etag = `"${createHash("sha1").update(answer.body).digest("base64url")}"`;
  const tagged = { ...answer, headers: { ...answer.headers, etag } };
  return headers["if-none-match"] === etag
    ? { ...tagged, status: 304, body: new Uint8Array() }
    : tagged;
}

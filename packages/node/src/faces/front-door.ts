import type {
  HttpRequestHead,
  HttpServerRequest,
  HttpServerResponse,
  ServeBounds,
} from "@shoal/runtime";
import type { Access } from "../access/access.ts";
import type { Caller } from "../access/caller.ts";
import { NodeError } from "../errors.ts";
import { describeFailure } from "../rest/describe-failure.ts";
import { cutBody } from "./cut-body.ts";
import type { Face } from "./face.ts";

const NOTHING = new Uint8Array();

/** What is read of a body before it is known who sends it. */
const STRANGERS_BODY_BYTES = 64 * 1024;

/** A torrent file of 10 MB over a slow line; some tabs and tools for each of a household's machines. */
const BOUNDS = {
  requestTimeoutMs: 120_000,
  idleTimeoutMs: 60_000,
  maxConnections: 1024,
  maxConnectionsPerAddress: 256,
} as const;

/** Of every answer unless its face says otherwise: nothing is run, framed or read that is not meant to be. */
const HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** What `Http.serve` is given, at the port and at the Unix socket alike. */
export interface FrontDoor {
  readonly bounds: ServeBounds;
  handle(request: HttpServerRequest): Promise<HttpServerResponse>;
}

/** Asks `access` who sends a request, and has the first face that owns it answer. */
export function createFrontDoor(access: Access, faces: readonly Face[]): FrontDoor {
  const faceOf = (request: HttpRequestHead): Face | undefined =>
    faces.find((each) => each.owns(pathOf(request), request));

  async function answer(request: HttpServerRequest, caller: Caller): Promise<HttpServerResponse> {
    try {
      const face = faceOf(request);
      if (face === undefined) {
        throw new NodeError("not-found", `There is nothing at ${pathOf(request)}.`);
      }
      return await face.handle(request, caller);
    } catch (error) {
      const { status, problem, headers } = describeFailure(error);
      const type = { "content-type": "application/json; charset=utf-8" };
      return {
        status,
        headers: { ...headers, ...type },
        body: Buffer.from(JSON.stringify(problem)),
      };
    }
  }

  const handle = async (request: HttpServerRequest): Promise<HttpServerResponse> => {
    const isForPages = faceOf(request)?.isForPages === true;
    const admission = isForPages ? access.admitPage(request) : await access.admit(request);
    if ("refusal" in admission) return withHeaders(admission.refusal, {});
    const response = await answer(request, admission.caller);
    const { body } = response;
    const isWhole = body instanceof Uint8Array;
    const lasting = isWhole ? response : { ...response, body: cutBody(body, admission.ended) };
    return withHeaders(lasting, admission.headers);
  };

  return {
    bounds: {
      ...BOUNDS,
      async maxBodyBytes(head) {
        const face = faceOf(head);
        const most = face?.maxBodyBytes(head.method, pathOf(head), head) ?? 0;
        if (face?.isForPages === true) return most;
        if (most <= STRANGERS_BODY_BYTES || isShort(head)) return most;
        return (await access.trusts(head)) ? most : STRANGERS_BODY_BYTES;
      },
      // Many a client says who it is only when it is asked to, and sends everything with the first try.
      async refuseLong(head) {
        const isForPages = faceOf(head)?.isForPages === true;
        const saysWho = head.headers["authorization"] !== undefined;
        if (!isForPages && (saysWho || (await access.trusts(head))))
          return withHeaders({ status: 413, body: NOTHING }, {});
        return await handle({ ...head, body: NOTHING, signal: new AbortController().signal });
      },
    },
    handle,
  };
}

/** Whether a request says itself that its body is no longer than a stranger's may be. */
function isShort({ headers }: HttpRequestHead): boolean {
  const { "content-length": length = "0", "transfer-encoding": encoding } = headers;
  return encoding === undefined && Number(length) <= STRANGERS_BODY_BYTES;
}

function withHeaders(
  response: HttpServerResponse,
  more: Readonly<Record<string, string>>,
): HttpServerResponse {
  return { ...response, headers: { ...HEADERS, ...response.headers, ...more } };
}

/** Without the query. */
function pathOf({ target }: Pick<HttpRequestHead, "target">): string {
  return target.split("?", 1)[0] ?? "";
}

import type { HttpRequestHead, HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import { originOf } from "../access/judge-page.ts";
import { readCredentials } from "../access/credentials.ts";
import type { Face } from "../faces/face.ts";
import { providerError, toProviderError } from "./provider-error.ts";
import { type ProviderCall, readCall } from "./read-call.ts";
import type { Site } from "./site-book.ts";
import { callMethod, isAsking, type PageAnswer } from "./site-methods.ts";
import { accountsOf, chainIdText } from "./site-view.ts";
import type { Sites } from "./sites.ts";
import { waitingBody } from "./waiting-body.ts";

const RPC = "/provider/rpc";
const EVENTS = "/provider/events";

/** A contract's creation code has 48 KiB at the most (EIP-3860), twice that in hex. */
const MAX_BODY_BYTES = 128 * 1024;
/** A stranger has nothing to ask for but to be let in. */
const MAX_STRANGERS_BODY_BYTES = 4 * 1024;

/**
 * The wallet, for web sites: calls and events of EIP-1193. Whose page asks is told by the browser, and by a token that the
 * site was given when it was connected; a token with another origin is nobody's.
 */
export function createProviderFace(sites: Sites): Face {
  return {
    isForPages: true,
    owns: (path) => path === RPC || path === EVENTS,
    maxBodyBytes(method, path, head) {
      if (method !== "POST" || path !== RPC) return 0;
      return siteOf(sites, head) === null ? MAX_STRANGERS_BODY_BYTES : MAX_BODY_BYTES;
    },
    async handle(request) {
      const [path] = request.target.split("?", 1);
      const isRpc = path === RPC;
      const method = isRpc ? "POST" : "GET";
      if (request.method !== method) {
        return { ...json(405, { error: { code: -32600, message: `Send ${method}.` } }) };
      }
      return isRpc ? await answerCall(sites, request) : await openEvents(sites, request);
    },
  };
}

async function answerCall(sites: Sites, request: HttpServerRequest): Promise<HttpServerResponse> {
  let call: ProviderCall;
  try {
    // Anything else is sent by pages without asking the browser, and so without asking here, first.
    if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
      throw providerError("badRequest", "Expected content-type application/json.");
    }
    call = readCall(request.body);
  } catch (error) {
    return json(200, { error: tell(sites, error) });
  }
  const gone = new AbortController();
  const origin = originOf(request.headers) ?? "";
  const site = siteOf(sites, request);
  const answer = describe(sites, () => {
    return callMethod(sites, { ...call, origin, site, gone: gone.signal });
  });
  if (!isAsking(call.method)) return json(200, await answer);
  const bytes = answer.then((told) => Buffer.from(JSON.stringify(told)));
  const body = waitingBody(bytes, sites.money.clock, () => gone.abort());
  return { ...json(200, null), body };
}

async function describe(sites: Sites, work: () => Promise<PageAnswer>): Promise<object> {
  try {
    const { result = null, token } = await work();
    return { result, ...(token !== undefined && { token }) };
  } catch (error) {
    return { error: tell(sites, error) };
  }
}

function tell(sites: Sites, cause: unknown): object {
  const { code, message, data } = toProviderError(cause);
  if (code === -32603) sites.log.error("a call of a site failed", { error: cause });
  return { code, message, ...(data !== undefined && { data }) };
}

async function openEvents(sites: Sites, request: HttpServerRequest): Promise<HttpServerResponse> {
  const site = siteOf(sites, request);
  if (site === null) {
    return json(401, { error: { code: 4100, message: "This site is not connected (any more)." } });
  }
  try {
    const { network } = await sites.money.networks.open(site.network);
    const stream = sites.streams.open(site.id, [
      ["chainChanged", chainIdText(network.info)],
      ["accountsChanged", await accountsOf(sites.money, site)],
    ]);
    return { ...json(200, null), ...stream, headers: { ...HEADERS, ...stream.headers } };
  } catch (error) {
    return json(503, { error: tell(sites, error) });
  }
}

/** The site of a request's token and origin; null for a stranger. */
function siteOf(sites: Sites, { headers }: Pick<HttpRequestHead, "headers">): Site | null {
  const credentials = readCredentials(headers);
  const origin = originOf(headers);
  if (credentials.kind !== "bearer" || origin === null) return null;
  return sites.book.use(origin, credentials.secret);
}

const HEADERS = { "cache-control": "no-store", "cross-origin-resource-policy": "cross-origin" };

function json(status: number, body: unknown): HttpServerResponse {
  return {
    status,
    headers: { ...HEADERS, "content-type": "application/json; charset=utf-8" },
    body: Buffer.from(JSON.stringify(body)),
  };
}

import type { HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import type { Caller } from "../access/caller.ts";
import type { Face } from "../faces/face.ts";
import { createOperations } from "../remote/operations.ts";
import type { RemoteControl } from "../remote/remote-control.ts";
import type { Handlers } from "../rest/handlers.ts";
import { ContentPaths } from "./content-paths.ts";
import { MainData } from "./main-data.ts";
import { METHODS } from "./methods.ts";
import { Parameters } from "./parameters.ts";
import { toWebApiError, WebApiError } from "./web-api-error.ts";

const PREFIX = "/api/v2/";
/** The cookie by which qBittorrent's clients know that they are signed in. */
const COOKIE = "SID";
/** A drop of some torrent files; the daemon holds a request's body in memory. */
const MAX_UPLOAD_BYTES = 32 * 2 ** 20;
/** A hundred thousand hashes are 4 MB; everything else is a few kilobytes. */
const MAX_FORM_BYTES = 8 * 2 ** 20;

/** What signing in takes of `Access`. */
export interface SignIn {
  readonly needsPassword: boolean;
  /** @returns the value of `set-cookie`. @throws {NodeError} `unauthorized` or `too-many-requests`. */
  signIn(password: string, request: HttpServerRequest, cookie: string): Promise<string>;
  signOut(request: HttpServerRequest, cookie: string): Promise<string>;
}

export interface QbittorrentOptions {
  readonly handlers: Handlers;
  readonly control: RemoteControl;
  readonly access: SignIn;
  /** Whether the interface is switched on; asked at each request. */
  readonly isOn: () => boolean;
}

/**
 * The part of qBittorrent's WebUI API (2.11) that other programs use. Signing in sets the cookie `SID`, which is a
 * browser's session like any other: the same guard counts attempts, the same rules keep other sites' pages out.
 * @see https://github.com/qbittorrent/qBittorrent/wiki/WebUI-API-(qBittorrent-5.0)
 */
export function createQbittorrentFace(options: QbittorrentOptions): Face {
  const { handlers, control, access, isOn } = options;
  const contents = new ContentPaths();
  const mainData = new MainData();
  control.onTorrent((change, infoHash) => {
    if (change === "removed") contents.forget(infoHash);
  });
  const answer = async (
    request: HttpServerRequest,
    caller: Caller,
  ): Promise<HttpServerResponse> => {
    const path = request.target.slice(PREFIX.length).split("?", 1)[0] ?? "";
    if (path === "auth/login") return await signIn(request, caller, access);
    if (path === "auth/logout") {
      assertMethod(request, false);
      return text(200, "", { "set-cookie": await access.signOut(request, COOKIE) });
    }
    if (caller.kind === "nobody") throw new WebApiError(403, "Forbidden");
    const method = Object.hasOwn(METHODS, path) ? METHODS[path]! : null;
    if (method === null) throw new WebApiError(404, "Not Found");
    assertMethod(request, method.reads);
    const operations = createOperations(handlers, { caller, request, setHeader: () => {} });
    const parameters = Parameters.read(request);
    const call = { operations, control, caller, request, parameters, contents, mainData };
    const answered = await method.answer(call);
    if (answered === undefined || typeof answered === "string") return text(200, answered ?? "");
    return json(answered);
  };
  return {
    owns: (path) => path.startsWith(PREFIX) && isOn(),
    maxBodyBytes: (_, path) =>
      path === `${PREFIX}torrents/add` ? MAX_UPLOAD_BYTES : MAX_FORM_BYTES,
    async handle(request, caller) {
      try {
        return await answer(request, caller);
      } catch (error) {
        const { status, message } = toWebApiError(error);
        if (status === 500) control.report("qbittorrent: a request failed", error);
        return text(status, message, status === 405 ? { allow: "POST" } : {});
      }
    },
  };
}

/** Answers `Ok.` with a cookie, or `Fails.`; 403 when there were too many attempts. */
async function signIn(
  request: HttpServerRequest,
  caller: Caller,
  access: QbittorrentOptions["access"],
): Promise<HttpServerResponse> {
  assertMethod(request, false);
  // Without a password this machine is answered as it is; clients want a cookie all the same.
  if (access.needsPassword && caller.kind !== "nobody") {
    return text(200, "Ok.", { "set-cookie": `${COOKIE}=local; Path=/; HttpOnly; SameSite=Strict` });
  }
  const password = Parameters.read(request).text("password") ?? "";
  try {
    const cookie = await access.signIn(password, request, COOKIE);
    return text(200, "Ok.", { "set-cookie": cookie });
  } catch (error) {
    const { status } = error as { status?: unknown };
    if (status === 401) return text(200, "Fails.");
    if (status === 429) {
      const banned =
        "Your IP address has been banned after too many failed authentication attempts.";
      return text(403, banned);
    }
    throw error;
  }
}

/** What changes something comes by POST alone: a link or an image sends GET. */
function assertMethod({ method }: HttpServerRequest, reads: boolean): void {
  if (method === "POST" || (reads && method === "GET")) return;
  throw new WebApiError(405, "Method Not Allowed");
}

const COMMON = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function text(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpServerResponse {
  return {
    status,
    headers: { ...COMMON, ...headers, "content-type": "text/plain; charset=UTF-8" },
    body: Buffer.from(body),
  };
}

function json(body: unknown): HttpServerResponse {
  return {
    status: 200,
    headers: { ...COMMON, "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(body)),
  };
}

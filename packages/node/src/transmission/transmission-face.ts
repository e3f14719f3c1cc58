import type { HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import type { Caller } from "../access/caller.ts";
import type { Face } from "../faces/face.ts";
import { createOperations } from "../remote/operations.ts";
import type { RemoteControl } from "../remote/remote-control.ts";
import type { Handlers } from "../rest/handlers.ts";
import { Arguments } from "./arguments.ts";
import { answerEnvelope } from "./envelope.ts";
import { Memories } from "./memories.ts";
import { METHODS } from "./methods.ts";
import { type Dialect, toSnake } from "./names.ts";
import { RpcError } from "./rpc-error.ts";
import { RPC_VERSION } from "./session-fields.ts";
import { TorrentIds } from "./torrent-ids.ts";

const PATHS: ReadonlySet<string> = new Set(["/transmission/rpc", "/transmission/rpc/"]);
/** A torrent file of 10 MiB in base64, and what stands around it. */
const MAX_BODY_BYTES = 15 * 2 ** 20;
const SESSION_ID_BYTES = 36;

export interface TransmissionOptions {
  readonly handlers: Handlers;
  readonly control: RemoteControl;
  /** Whether the interface is switched on; asked at each request. */
  readonly isOn: () => boolean;
}

/**
 * Transmission's RPC: its own envelope with the names of old, and JSON-RPC 2.0 with those of 4.1. A request needs the session
 * ID that the first answer (409) tells: another site's page can send requests, and read no header of an answer.
 * @see https://github.com/transmission/transmission/blob/main/docs/rpc-spec.md
 */
export function createTransmissionFace({ handlers, control, isOn }: TransmissionOptions): Face {
  const ids = new TorrentIds(control.clock);
  const memories = new Memories();
  const sessionId = Buffer.from(control.randomBytes(SESSION_ID_BYTES)).toString("base64url");
  control.onTorrent((change, infoHash) => {
    if (change === "removed") {
      ids.remove(infoHash);
      memories.forget(infoHash);
    } else ids.touch(infoHash);
  });
  const answer = async (request: HttpServerRequest, caller: Caller) => {
    const operations = createOperations(handlers, { caller, request, setHeader: () => {} });
    const execute = async (name: string, object: Record<string, unknown>, dialect: Dialect) => {
      const method = toSnake(name.slice(0, 100));
      if (!Object.hasOwn(METHODS, method)) {
        throw new RpcError("method-not-found", "method name not recognized");
      }
      const context = { operations, control, caller, dialect, ids, memories, sessionId };
      return await METHODS[method]!(new Arguments(object), context);
    };
    return await answerEnvelope(request.body, execute);
  };
  return {
    owns: (path) => PATHS.has(path) && isOn(),
    maxBodyBytes: () => MAX_BODY_BYTES,
    async handle(request, caller) {
      if (caller.kind === "nobody") return refuse(401, UNAUTHORIZED, AUTHENTICATE);
      const given = request.headers["x-transmission-session-id"];
      if (given !== sessionId) {
        return refuse(409, WRONG_SESSION, { "X-Transmission-Session-Id": sessionId });
      }
      if (request.method !== "POST") return refuse(405, "Expected POST.", { allow: "POST" });
      const body = await answer(request, caller);
      return body === null
        ? { status: 204, headers: COMMON, body: new Uint8Array() }
        : {
            status: 200,
            headers: { ...COMMON, "content-type": "application/json; charset=UTF-8" },
            body: Buffer.from(JSON.stringify(body)),
          };
    },
  };
}

/** Spelled as Transmission does: transmission-remote 3.00 compares letter by letter. */
const COMMON = {
  "cache-control": "no-store",
  "X-Transmission-Rpc-Version": RPC_VERSION.semver,
};
const AUTHENTICATE = { "www-authenticate": 'Basic realm="Shoal", charset="UTF-8"' };
const UNAUTHORIZED = "Send the daemon's password, or an API key, as the password (Basic).";
const WRONG_SESSION =
  "Send the header X-Transmission-Session-Id with the value that this answer has, and try again.";

function refuse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): HttpServerResponse {
  return {
    status,
    headers: { ...COMMON, ...headers, "content-type": "text/plain; charset=utf-8" },
    body: Buffer.from(`${text}\n`),
  };
}

import type { Scope } from "@shoal/api";
import type { HttpRequest, Runtime } from "@shoal/runtime";
import { createAccessHandlers } from "../access/access-handlers.ts";
import { Access } from "../access/access.ts";
import type { AccessRules } from "../access/judge-request.ts";
import type { PasswordHasher } from "../access/password-hasher.ts";
import { createFrontDoor } from "../faces/front-door.ts";
import type { Handlers } from "../rest/handlers.ts";
import { createRestFace } from "../rest/rest-face.ts";

export const PASSWORD = "correct horse";

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The answer as JSON; null when it is none. */
  readonly json: Record<string, unknown> | null;
}

export type Ask = (
  method: string,
  target: string,
  more?: { headers?: Record<string, string>; body?: unknown } & Omit<
    Partial<HttpRequest>,
    "headers" | "body"
  >,
) => Promise<Asked>;

export interface AccessServer {
  readonly access: Access;
  readonly authority: string;
  /** Asks by the name of `authority`. */
  readonly ask: Ask;
  /** Operations that were carried out, in order; those of access apart. */
  readonly done: readonly string[];
  close(): Promise<void>;
}

export interface AccessServerOptions {
  readonly runtime: Runtime;
  readonly hasher: PasswordHasher;
  readonly rules?: Partial<AccessRules>;
  readonly path?: string;
  /** Who asks; `runtime` when absent. */
  readonly client?: Runtime;
  /** The host that `ask` connects to; that of the rules when absent. */
  readonly connectTo?: string;
}

/** The REST interface behind its front door, with operations that do nothing but be counted. */
export async function serveAccess(options: AccessServerOptions): Promise<AccessServer> {
  const { runtime, hasher, path, client = runtime } = options;
  const { store, clock, random, log, http } = runtime;
  const rules: AccessRules = {
    host: "127.0.0.1",
    hostNames: [],
    allowedOrigins: [],
    ...options.rules,
  };
  const access = await Access.open({ store, clock, random, log, hasher, rules: () => rules });
  const done: string[] = [];
  const own: Partial<Handlers> = {
    ...createAccessHandlers(access, "1.2.3"),
    streamEvents: () => ({ status: 200, body: helloAndSilence() }),
  };
  const handlers = new Proxy(own, {
    get: (target, id: keyof Handlers) =>
      target[id] ??
      (() => {
        done.push(id);
        return {};
      }),
  }) as Handlers;
  const door = createFrontDoor(access, [createRestFace(handlers)]);
  const where = path === undefined ? { host: rules.host, port: 0 } : { path };
  const listener = await http.serve({ ...door.bounds, ...where }, (request) =>
    door.handle(request),
  );
  const authority = `${options.connectTo ?? rules.host}:${listener.local.port}`;
  const ask: Ask = async (method, target, { headers = {}, body, ...more } = {}) => {
    const isJson = body !== undefined && !(body instanceof Uint8Array);
    const response = await client.http.request({
      url: `http://${authority}${target}`,
      ...more,
      method,
      headers,
      ...(isJson && { body: Buffer.from(JSON.stringify(body)) }),
      ...(body instanceof Uint8Array && { body }),
    });
    const parts: Uint8Array[] = [];
    for await (const part of response.body) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const isAnswerJson = response.headers["content-type"]?.startsWith("application/json") === true;
    const json = isAnswerJson ? (JSON.parse(text) as Record<string, unknown>) : null;
    return { status: response.status, headers: response.headers, text, json };
  };
  return { access, authority, ask, done, close: () => listener.close() };
}

async function* helloAndSilence(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("hello");
  await new Promise<never>(() => {});
}

/** Sets the password as a browser on this machine does. @returns what to send as `cookie`. */
export async function setPassword({ ask }: Pick<AccessServer, "ask">): Promise<string> {
  return cookieOf(await ask("PUT", "/api/v1/password", { body: { password: PASSWORD } }));
}

export function cookieOf({ headers }: Pick<Asked, "headers">): string {
  return headers["set-cookie"]?.split(";", 1)[0] ?? "";
}

/** Makes a key as a signed-in browser does. @returns what to send as `authorization`. */
export async function createKey(
  { ask }: Pick<AccessServer, "ask">,
  cookie: string,
  scopes: readonly Scope[],
): Promise<string> {
  const body = { name: scopes.join(), scopes };
  const { json } = await ask("POST", "/api/v1/keys", { headers: { cookie }, body });
  return `Bearer ${String(json?.["secret"])}`;
}

/** Takes no time, which virtual clocks do not pass while one waits for a thread. Counts what is verified. */
export function createPlainHasher(): PasswordHasher & { verified: number } {
  const hasher = {
    verified: 0,
    hash: async (password: string) => `plain ${password}`,
    async verify(password: string, stored: string) {
      hasher.verified++;
      return stored === `plain ${password}`;
    },
  };
  return hasher;
}

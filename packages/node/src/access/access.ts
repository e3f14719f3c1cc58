import { type Scope, SCOPES } from "@shoal/api";
import type {
  Clock,
  HttpRequestHead,
  HttpServerRequest,
  HttpServerResponse,
  Log,
  Random,
  Store,
} from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { describeFailure } from "../rest/describe-failure.ts";
import { ACCESS_SCHEMA } from "./access-schema.ts";
import type { Caller } from "./caller.ts";
import { type Credentials, formatCookie, readCredentials, sessionCookie } from "./credentials.ts";
import { Endings } from "./endings.ts";
import { judgePage } from "./judge-page.ts";
import { type AccessRules, judgeRequest } from "./judge-request.ts";
import { type ApiKey, KeyBook } from "./key-book.ts";
import { corsHeaders, preflightHeaders } from "./origin-rule.ts";
import { PasswordDoor } from "./password-door.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { SESSION_IDLE_MS, SessionBook } from "./session-book.ts";

type Headers = Readonly<Record<string, string>>;

/** Who is asking, or the answer to who may not. */
export type Admission =
  | {
      readonly caller: Caller;
      /** Sent with the answer, whatever that is. */
      readonly headers: Headers;
      /** Aborted when what the caller is known by ends: a session, a key, the time without a password. */
      readonly ended: AbortSignal;
    }
  | { readonly refusal: HttpServerResponse };

export interface AccessOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly hasher: PasswordHasher;
  /** Asked at every request. */
  readonly rules: () => AccessRules;
}

/** A caller, and the name under which what it is known by ends; null when it does not. */
interface Identity {
  readonly caller: Caller;
  readonly secret: string | null;
}

const NEVER = new AbortController().signal;
const ALL = new Set(SCOPES);
const OWNER: Caller = { kind: "owner", scopes: ALL };
/** A browser that has signed in. */
export const SESSION: Caller = { kind: "session", scopes: ALL };
const NOBODY: Caller = { kind: "nobody", scopes: new Set() };

/**
 * Before a password is set. No money; and no settings, by which programs are started: other users of this machine can
 * connect as well.
 */
const LOCAL: Caller = { kind: "local", scopes: new Set<Scope>(["read", "torrents"]) };

const NOBODY_KNOWN: Identity = { caller: NOBODY, secret: null };
const LOCAL_IDENTITY: Identity = { caller: LOCAL, secret: "local" };
const BY_PASSWORD: Identity = { caller: SESSION, secret: "password" };

/** Who may do what: the password, browsers' sessions and API keys. */
export class Access {
  readonly #log: Log;
  readonly #rules: () => AccessRules;
  readonly #password: PasswordDoor;
  readonly #sessions: SessionBook;
  readonly #keys: KeyBook;
  readonly #endings: Endings;
  #setting: Promise<unknown> = Promise.resolve();

  private constructor(
    { log, rules }: AccessOptions,
    books: {
      readonly password: PasswordDoor;
      readonly sessions: SessionBook;
      readonly keys: KeyBook;
      readonly endings: Endings;
    },
  ) {
    this.#log = log;
    this.#rules = rules;
    this.#password = books.password;
    this.#sessions = books.sessions;
    this.#keys = books.keys;
    this.#endings = books.endings;
  }

  /** @throws {StoreError} when its tables cannot be read. */
  static async open(options: AccessOptions): Promise<Access> {
    const { store, clock, random, hasher } = options;
    const tables = await store.open(ACCESS_SCHEMA);
    const ports = { tables, clock, random };
    const password = await PasswordDoor.open({ ...ports, hasher });
    const endings = new Endings();
    const sessions = await SessionBook.open({ ...ports, endings });
    const keys = await KeyBook.open(ports);
    return new Access(options, { password, sessions, keys, endings });
  }

  /** Whether no password is set, and only this machine is answered. */
  get needsPassword(): boolean {
    return !this.#password.isSet;
  }

  /** Finds out who sends a request, and refuses it where nobody may send it. To be asked before any face. */
  async admit(request: HttpServerRequest): Promise<Admission> {
    if (request.transport === "unix") {
      return { caller: OWNER, headers: {}, ended: NEVER };
    }
    const judged = judgeRequest(request, this.#rules(), this.needsPassword);
    if (judged.kind === "preflight") {
      const headers = preflightHeaders(request.headers);
      return { refusal: { status: 204, headers, body: new Uint8Array() } };
    }
    if (judged.kind === "refused") {
      const { status, code, message } = judged;
      return { refusal: problem(status, { code, message }, {}) };
    }
    const headers = judged.isFromAllowedOrigin ? corsHeaders(request.headers) : {};
    try {
      const { credentials, isLocal } = judged;
      const known = await this.#identify(credentials, request.remote.address);
      const isNobody = known.caller.kind === "nobody";
      const identity = isNobody && isLocal && this.needsPassword ? LOCAL_IDENTITY : known;
      const { caller, secret } = identity;
      return {
        caller,
        headers,
        ended: secret === null ? NEVER : this.#endings.of(secret),
      };
    } catch (error) {
      const failure = describeFailure(error);
      return {
        refusal: problem(failure.status, failure.problem, { ...headers, ...failure.headers }),
      };
    }
  }

  /**
   * Finds out whether a page of another site may send a request to a face that is for such pages. It is nobody's: what
   * its browser adds, and what opens everything else, counts for nothing there.
   */
  admitPage(request: HttpServerRequest): Admission {
    const judged = judgePage(request, this.#rules());
    if (judged.kind === "open") {
      return { caller: NOBODY, headers: corsHeaders(request.headers), ended: NEVER };
    }
    if (judged.kind === "preflight") {
      const headers = preflightHeaders(request.headers);
      return { refusal: { status: 204, headers, body: new Uint8Array() } };
    }
    const { status, code, message } = judged;
    return { refusal: problem(status, { code, message }, {}) };
  }

  /**
   * Whether a request is of somebody whom larger bodies are taken from, before any is read. A password that comes with it counts
   * as an attempt.
   */
  async trusts(request: HttpRequestHead): Promise<boolean> {
    if (request.transport === "unix") return true;
    const judged = judgeRequest(request, this.#rules(), this.needsPassword);
    if (judged.kind !== "open") return false;
    if (this.needsPassword && judged.isLocal) return true;
    try {
      const { caller } = await this.#identify(judged.credentials, request.remote.address);
      return caller.kind !== "nobody";
    } catch {
      return false;
    }
  }

  /**
   * Signs a browser in.
   * @param cookie What to name the cookie; the daemon's own name when absent.
   * @returns the value of `set-cookie`.
   * @throws {NodeError} `unauthorized`, `too-many-requests`, or `conflict` when no password is set.
   */
  async signIn(password: string, request: HttpServerRequest, cookie?: string): Promise<string> {
    const { address } = request.remote;
    try {
      await this.#password.check(password, address);
    } catch (error) {
      this.#log.warn("sign-in refused", { address, error });
      throw error;
    }
    return await this.#beginSession(request, cookie);
  }

  /** @returns the value of `set-cookie` that ends the browser's cookie. */
  async signOut({ headers }: HttpServerRequest, cookie?: string): Promise<string> {
    const credentials = readCredentials(headers);
    if (credentials.kind === "cookie") await this.#sessions.end(credentials.token);
    return formatCookie(cookie ?? sessionCookie(headers), "", { maxAgeS: 0, headers });
  }

  /**
   * Sets the password, and ends all sessions. Who changes it has to know it, but for the owner over the Unix socket.
   * @returns the value of `set-cookie` of the sender's new session; null over the Unix socket, which needs none.
   * @throws {NodeError} `unauthorized`, `forbidden` or `too-many-requests`.
   */
  async setPassword(
    change: { readonly password: string; readonly current?: string | undefined },
    caller: Caller,
    request: HttpServerRequest,
  ): Promise<string | null> {
    const work = this.#setting.then(() => this.#setPassword(change, caller, request));
    this.#setting = work.catch(() => {});
    await work;
    return request.transport === "unix" ? null : await this.#beginSession(request);
  }

  /** Oldest first. */
  listKeys(): readonly ApiKey[] {
    return this.#keys.list();
  }

  /**
   * Makes an API key, which can do no more than who makes it.
   * @returns it with its secret, which nobody can show again.
   * @throws {NodeError} `forbidden`, or `conflict` when there are too many.
   */
  async createKey(
    { name, scopes }: { readonly name: string; readonly scopes: readonly Scope[] },
    caller: Caller,
  ): Promise<ApiKey & { readonly secret: string }> {
    const beyond = scopes.filter((scope) => !caller.scopes.has(scope));
    if (beyond.length > 0) {
      throw new NodeError(
        "forbidden",
        `You cannot give what you do not have: ${beyond.join(", ")}.`,
      );
    }
    const key = await this.#keys.create(name, scopes);
    this.#log.info("API key made", { key: key.id, name, scopes: key.scopes });
    return key;
  }

  /** @throws {NodeError} `not-found`. */
  async revokeKey(id: string): Promise<void> {
    this.#endings.end(`key ${id}`);
    await this.#keys.revoke(id);
    this.#log.info("API key revoked", { key: id });
  }

  async #identify(credentials: Credentials, address: string): Promise<Identity> {
    switch (credentials.kind) {
      case "bearer": {
        const key = this.#keys.use(credentials.secret);
        if (key !== null) return identityOf(key);
        throw new NodeError("unauthorized", "There is no such API key (any more).");
      }
      case "basic":
        return await this.#identifyBasic(credentials.password, address);
      case "cookie": {
        const secret = this.#sessions.use(credentials.token);
        return secret === null ? NOBODY_KNOWN : { caller: SESSION, secret };
      }
      default:
        return NOBODY_KNOWN;
    }
  }

  /** A key may stand for the password, with its own scopes. */
  async #identifyBasic(password: string, address: string): Promise<Identity> {
    const key = this.#keys.use(password);
    if (key !== null) return identityOf(key);
    if (this.needsPassword) return NOBODY_KNOWN;
    await this.#password.checkAgain(password, address);
    return BY_PASSWORD;
  }

  async #setPassword(
    { password, current }: { readonly password: string; readonly current?: string | undefined },
    caller: Caller,
    { remote }: HttpServerRequest,
  ): Promise<void> {
    if (this.needsPassword) {
      if (caller.kind !== "local" && caller.kind !== "owner") {
        throw new NodeError("forbidden", "The first password is set by hand, at this machine.");
      }
    } else if (caller.kind === "session") {
      if (current === undefined)
        throw new NodeError("unauthorized", "Give the current password too.", {
          reason: "current-password-missing",
        });
      await this.#password.check(current, remote.address);
    } else if (caller.kind !== "owner") {
      throw new NodeError("unauthorized", "Sign in to change the password.");
    }
    await this.#password.set(password, (statements) => this.#sessions.endAll(statements));
    for (const secret of ["local", "password"]) this.#endings.end(secret);
    this.#log.info("password set", { by: caller.kind });
  }

  async #beginSession({ headers }: HttpServerRequest, cookie?: string): Promise<string> {
    const token = await this.#sessions.begin();
    const maxAgeS = SESSION_IDLE_MS / 1000;
    return formatCookie(cookie ?? sessionCookie(headers), token, { maxAgeS, headers });
  }
}

function identityOf({ id, scopes }: ApiKey): Identity {
  return { caller: { kind: "key", scopes: new Set(scopes) }, secret: `key ${id}` };
}

function problem(
  status: number,
  body: { readonly code: string; readonly message: string },
  headers: Headers,
): HttpServerResponse {
  return {
    status,
    headers: {
      ...headers,
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
    },
    body: Buffer.from(JSON.stringify(body)),
  };
}

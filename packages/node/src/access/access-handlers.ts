import type { Answer } from "@shoal/api";
import type { Handlers } from "../rest/handlers.ts";
import { type Access, SESSION } from "./access.ts";
import type { Caller } from "./caller.ts";

type AccessHandlers = Pick<
  Handlers,
  "getSession" | "signIn" | "signOut" | "setPassword" | "listKeys" | "createKey" | "revokeKey"
>;

/** The operations on sessions, the password and API keys. */
export function createAccessHandlers(access: Access, version: string): AccessHandlers {
  const describe = ({ kind, scopes }: Caller): Answer<"getSession"> => ({
    signedIn: kind === "session" || kind === "owner" || kind === "key",
    needsPassword: access.needsPassword,
    scopes: [...scopes],
    // Strangers need not know which faults it may have.
    version: kind === "nobody" ? "" : version,
  });
  return {
    getSession: (_, { caller }) => describe(caller),
    async signIn({ password }, { request, setHeader }) {
      setHeader("set-cookie", await access.signIn(password, request));
      return describe(SESSION);
    },
    async signOut(_, { request, setHeader }) {
      setHeader("set-cookie", await access.signOut(request));
      return {};
    },
    async setPassword(change, { caller, request, setHeader }) {
      const cookie = await access.setPassword(change, caller, request);
      if (cookie === null) return describe(caller);
      setHeader("set-cookie", cookie);
      return describe(SESSION);
    },
    listKeys: () => ({
      keys: access.listKeys().map((key) => ({ ...key, scopes: [...key.scopes] })),
    }),
    async createKey(wanted, { caller }) {
      const key = await access.createKey(wanted, caller);
      return { ...key, scopes: [...key.scopes] };
    },
    async revokeKey({ id }) {
      await access.revokeKey(id);
      return {};
    },
  };
}

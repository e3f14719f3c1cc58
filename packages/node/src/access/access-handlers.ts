import type { Answer } from "@shoal/api";
import type { Call, Handlers } from "../rest/handlers.ts";
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
  const signedIn = (cookie: string, { setHeader }: Call, caller: Caller) => {
    setHeader("set-cookie", cookie);
    return describe(caller);
  };
  return {
    getSession: (_, { caller }) => describe(caller),
    async signIn({ password }, call) {
      const cookie = await access.signIn(password, call.request);
      return signedIn(cookie, call, SESSION);
    },
    async signOut(_, { request, setHeader }) {
      setHeader("set-cookie", await access.signOut(request));
      return {};
    },
    async setPassword(change, call) {
      const cookie = await access.setPassword(change, call.caller, call.request);
      return signedIn(cookie, call, call.caller.kind === "owner" ? call.caller : SESSION);
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

import type { HttpServerRequest } from "@shoal/runtime";
import { type Credentials, readCredentials } from "./credentials.ts";
import { type HostRules, isLoopback, judgeHost } from "./host-rule.ts";
import { isSafe, judgeOrigin } from "./origin-rule.ts";
import { isPlainTarget } from "./request-target.ts";

/** Settings that access follows; they may change while the daemon runs. */
export interface AccessRules extends HostRules {
  /** Origins, such as `https://ui.example`, whose pages may use the API with a key. */
  readonly allowedOrigins: readonly string[];
}

/** What a request is before anybody's secret has been looked at. */
export type Judgement =
  | {
      readonly kind: "refused";
      readonly status: 400 | 403 | 421;
      readonly code: string;
      readonly message: string;
    }
  | { readonly kind: "preflight" }
  | {
      readonly kind: "open";
      /** What may speak for the sender: of another site's page, nothing that its browser added by itself. */
      readonly credentials: Credentials;
      readonly isFromAllowedOrigin: boolean;
      /** From this machine, by a name of this machine, and not through somebody's proxy. */
      readonly isLocal: boolean;
    };

/** What proxies add: behind one, this machine's address says nothing of who asks. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/** Judges a request that came over TCP. */
export function judgeRequest(
  request: Pick<HttpServerRequest, "method" | "target" | "headers" | "remote">,
  rules: AccessRules,
  needsPassword: boolean,
): Judgement {
  const { method, target, headers, remote } = request;
  if (!isPlainTarget(target)) {
    return refuse(400, "bad-target", "This is no path of this server.");
  }
  const host = judgeHost(headers["host"], rules);
  if (host === "foreign") {
    const text =
      "The daemon does not know itself by this name: add it to the setting web.hostNames.";
    return refuse(421, "unknown-host", text);
  }
  const isProxied = PROXY_HEADERS.some((name) => headers[name] !== undefined);
  const isLocal = host === "loopback" && isLoopback(remote.address) && !isProxied;
  if (needsPassword && !isLocal) {
    const text =
      "No password is set: until then only this machine is answered, at localhost. " +
      "Set one there, or with `shoal password`.";
    return refuse(403, "needs-password", text);
  }
  const origin = judgeOrigin(headers, rules.allowedOrigins);
  const isAllowed = origin === "allowed";
  if (isAllowed && method === "OPTIONS") return { kind: "preflight" };
  const credentials = readCredentials(headers);
  // A key is never sent by a browser of its own accord.
  if (credentials.kind === "bearer" || origin === "own" || origin === "none") {
    return { kind: "open", credentials, isFromAllowedOrigin: isAllowed, isLocal };
  }
  if (isAllowed && credentials.kind === "basic") {
    return { kind: "open", credentials, isFromAllowedOrigin: true, isLocal: false };
  }
  if (!isSafe(method) && !isAllowed) {
    return refuse(403, "foreign-origin", "A page of another site may not do this.");
  }
  const none = { kind: "none" } as const;
  return { kind: "open", credentials: none, isFromAllowedOrigin: isAllowed, isLocal: false };
}

function refuse(status: 400 | 403 | 421, code: string, message: string): Judgement {
  return { kind: "refused", status, code, message };
}

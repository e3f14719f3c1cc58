import type { HttpServerRequest } from "@shoal/runtime";
import { judgeHost } from "./host-rule.ts";
import type { AccessRules, Judgement } from "./judge-request.ts";
import { isPlainTarget } from "./request-target.ts";

/** A name has 253 characters at most; scheme and port are beside it. */
const MAX_ORIGIN_LENGTH = 300;

/** What a page's request to a face for other sites' pages is, before anybody's secret has been looked at. */
export type PageJudgement =
  | Extract<Judgement, { kind: "refused" | "preflight" }>
  | { readonly kind: "open" };

/**
 * Judges a request of another site's page. The browser alone says whose it is: a request without an origin is of no
 * page, `null` could be anybody, and the daemon's own pages have a way of their own.
 */
export function judgePage(
  { method, target, headers }: Pick<HttpServerRequest, "method" | "target" | "headers">,
  rules: AccessRules,
): PageJudgement {
  if (!isPlainTarget(target)) return refuse(400, "bad-target", "This is no path of this server.");
  if (judgeHost(headers["host"], rules) === "foreign") {
    const text = "The daemon does not know itself by this name: add it to web.hostNames.";
    return refuse(421, "unknown-host", text);
  }
  if (originOf(headers) === null) {
    return refuse(403, "no-origin", "This is for pages of web sites, at http:// or https://.");
  }
  return { kind: method === "OPTIONS" ? "preflight" : "open" };
}

/** The site whose page sends a request, such as `https://app.example`; null for whatever is none. */
export function originOf(headers: Readonly<Record<string, string>>): string | null {
  const { origin = "", host = "" } = headers;
  if (origin.length > MAX_ORIGIN_LENGTH || !/^https?:\/\//.test(origin)) return null;
  // In any other form than the browser's, the same site would be two.
  if (URL.parse(origin)?.origin !== origin) return null;
  return origin.slice(origin.indexOf("//") + 2) === host.toLowerCase() ? null : origin;
}

function refuse(status: 400 | 403 | 421, code: string, message: string): PageJudgement {
  return { kind: "refused", status, code, message };
}

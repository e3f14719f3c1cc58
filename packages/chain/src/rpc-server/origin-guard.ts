/** What of a request says who asks. Names in lower case. */
type Headers = Readonly<Record<string, string>>;

/** By which names this machine calls itself. */
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Wallets live in browsers' extensions. */
const EXTENSION = /^(?:chrome|moz|safari-web)-extension:\/\/[^/]+$/;

/**
 * Whether a request may have come from this machine's user, rather than from a web page: every page can send requests
 * to loopback. A page's address is in `Origin`; one whose own name was made to lead here (DNS rebinding) is in `Host`.
 * @param allowed Further origins, such as `https://app.example`.
 */
export function isTrusted(headers: Headers, allowed: readonly string[]): boolean {
  const host = URL.parse(`http://${headers["host"] ?? ""}`);
  if (host === null || !LOOPBACK.has(host.hostname)) return false;
  const { origin } = headers;
  if (origin === undefined || allowed.includes(origin) || EXTENSION.test(origin)) return true;
  const page = URL.parse(origin);
  return page !== null && /^https?:$/.test(page.protocol) && LOOPBACK.has(page.hostname);
}

/** What lets a trusted page read the answer. */
export function corsHeaders(headers: Headers): Record<string, string> {
  const { origin } = headers;
  if (origin === undefined) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "600",
    vary: "origin",
    ...(headers["access-control-request-private-network"] === "true" && {
      "access-control-allow-private-network": "true",
    }),
  };
}

type Headers = Readonly<Record<string, string>>;

/**
 * Whose page sent a request. Browsers tell by `Sec-Fetch-Site` where the daemon has a trustworthy address, and by
 * `Origin` with everything that may change something.
 * @returns `own`: a page of the daemon, or the user by hand. `allowed`: a page that may use the API with a key of its
 *   own. `foreign`: any other page; what the browser adds by itself, cookies among them, does not speak for the user.
 *   `none`: no browser says so.
 */
export function judgeOrigin(
  headers: Headers,
  allowedOrigins: readonly string[],
): "own" | "allowed" | "foreign" | "none" {
  const { origin, host, "sec-fetch-site": site } = headers;
  if (origin !== undefined && allowedOrigins.includes(origin)) return "allowed";
  if (site !== undefined) return site === "same-origin" || site === "none" ? "own" : "foreign";
  if (origin === undefined) return "none";
  // Behind a proxy that speaks TLS the scheme is another, and the name the same.
  return /^https?:\/\/(.+)$/.exec(origin)?.[1] === host?.toLowerCase() ? "own" : "foreign";
}

/** What lets a page of an allowed origin read an answer. Never with cookies: it has to bring a key. */
export function corsHeaders(headers: Headers): Headers {
  return {
    "access-control-allow-origin": headers["origin"] ?? "",
    "access-control-expose-headers": "content-length, content-range, etag, retry-after",
    vary: "Origin",
  };
}

/** The answer to a browser that asks whether such a page may send a request. */
export function preflightHeaders(headers: Headers): Headers {
  return {
    ...corsHeaders(headers),
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": "authorization, content-type, range, if-none-match, if-range",
    "access-control-allow-private-network": "true",
    "access-control-max-age": "600",
  };
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
export function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

type Headers = Readonly<Record<string, string>>;

/** What a request brings to show who sent it. */
export type Credentials =
  | { readonly kind: "bearer"; readonly secret: string }
  /** Of tools that know user names and passwords only; the name is not looked at. */
  | { readonly kind: "basic"; readonly password: string }
  | { readonly kind: "cookie"; readonly token: string }
  | { readonly kind: "none" };

/** What qBittorrent calls its cookie: programs written for it look for that name. */
export const SID_COOKIE = "SID";

/** Cookies are kept by name and host, whatever the port: two daemons of a machine must not overwrite each other's. */
export function sessionCookie(headers: Headers): string {
  const port = /:(\d+)$/.exec(headers["host"] ?? "")?.[1] ?? "80";
  return `shoal_${port}`;
}

export function readCredentials(headers: Headers): Credentials {
  const { authorization, cookie } = headers;
  if (authorization !== undefined) {
    const [, scheme = "", value = ""] = /^(\w+) +(\S+)$/.exec(authorization) ?? [];
    if (scheme.toLowerCase() === "bearer") return { kind: "bearer", secret: value };
    if (scheme.toLowerCase() === "basic") return { kind: "basic", password: passwordOf(value) };
  }
  const cookies = readCookies(cookie ?? "");
  const token = cookies.get(sessionCookie(headers)) ?? cookies.get(SID_COOKIE);
  return token === undefined ? { kind: "none" } : { kind: "cookie", token };
}

/**
 * @param token Empty ends the cookie.
 * @see RFC 6265; `SameSite=Strict`: pages of other sites have it sent with nothing
 */
export function formatCookie(
  name: string,
  token: string,
  { maxAgeS, headers }: { readonly maxAgeS: number; readonly headers: Headers },
): string {
  const isSecure = headers["origin"]?.startsWith("https://") === true;
  const secure = isSecure ? "; Secure" : "";
  return `${name}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${secure}`;
}

function passwordOf(base64: string): string {
  const text = Buffer.from(base64, "base64").toString("utf8");
  return text.slice(text.indexOf(":") + 1);
}

function readCookies(header: string): ReadonlyMap<string, string> {
  const pairs = header.split(/[;,] */).map((pair) => pair.split("=", 2));
  return new Map(pairs.map(([name = "", value = ""]) => [name.trim(), value.trim()]));
}

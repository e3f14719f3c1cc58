/** A proxy, and how to get in. */
export interface ProxyAddress {
  /** `socks5`: RFC 1928, TCP and UDP. `http`: CONNECT, TCP alone. */
  readonly kind: "socks5" | "http";
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null where none are needed. Each is at most 255 bytes long (RFC 1929). */
  readonly credentials: { readonly user: string; readonly password: string } | null;
}

const KINDS: Readonly<Record<string, { kind: ProxyAddress["kind"]; port: number }>> = {
  "socks5:": { kind: "socks5", port: 1080 },
  // As curl calls it when the proxy looks up names. Here it always does.
  "socks5h:": { kind: "socks5", port: 1080 },
  "http:": { kind: "http", port: 80 },
};
const MAX_CREDENTIAL_BYTES = 255;

/**
 * Reads `socks5://[USER:PASSWORD@]HOST[:PORT]` or `http://...`.
 * @throws {TypeError} when it is none. Its message never repeats the URL, which may hold a password.
 */
export function parseProxyUrl(text: string): ProxyAddress {
  // Schemes that the URL standard does not know keep their hosts as they are written, so http's rules are used.
  const scheme = /^([a-z0-9]+:)\/\//i.exec(text)?.[1]?.toLowerCase() ?? "";
  const known = KINDS[scheme];
  const url = known === undefined ? null : URL.parse(`http${text.slice(scheme.length - 1)}`);
  if (known === undefined || url === null || url.pathname !== "/" || url.search + url.hash !== "") {
    throw new TypeError(
      "A proxy is named by socks5://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ before HOST where it asks for them.",
    );
  }
  // Written out, port 80 disappears from an http URL.
  const isDefault = url.port === "" && !/:80\/?$/.test(text);
  return {
    kind: known.kind,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: isDefault ? known.port : Number(url.port || 80),
    credentials:
      url.username === "" && url.password === ""
        ? null
        : { user: readCredential(url.username), password: readCredential(url.password) },
  };
}

function readCredential(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw new TypeError("The proxy's user or password has a % that is not followed by two digits.");
  }
  if (new TextEncoder().encode(plain).length <= MAX_CREDENTIAL_BYTES) return plain;
  throw new TypeError(`A proxy's user and password have at most ${MAX_CREDENTIAL_BYTES} bytes.`);
}

/** The proxy for messages, without user and password. */
export function describeProxy({ kind, host, port }: ProxyAddress): string {
  return `${kind}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Under which names the daemon is reached. */
export interface HostRules {
  /** The address that it listens at. */
  readonly host: string;
  /** Names, in lower case, that people gave it; `*.` before one stands for all names below it. */
  readonly hostNames: readonly string[];
}

/**
 * Judges a request's Host. A page of `evil.example` whose name is made to stand for 127.0.0.1 (DNS rebinding) is, to the
 * browser, of one origin with the daemon; only the name in Host tells them apart. Names are therefore answered when they
 * are known. Addresses cannot be rebound: any is answered where the daemon listens at all of them.
 * @param header As sent. Its port is not looked at: ports are forwarded, names are what attackers choose.
 * @returns `loopback` for this machine's own names.
 */
export function judgeHost(
  header: string | undefined,
  { host, hostNames }: HostRules,
): "loopback" | "known" | "foreign" {
  const name = header === undefined ? null : hostNameOf(header);
  if (name === null) return "foreign";
  if (name === "localhost" || isLoopback(name)) return "loopback";
  const bound = hostNameOf(host.includes(":") ? `[${host}]` : host);
  if (name === bound) return "known";
  if (isAddress(name)) return bound === "0.0.0.0" || bound === "::" ? "known" : "foreign";
  return hostNames.some((known) => stands(known.toLowerCase(), name)) ? "known" : "foreign";
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** The name of `name:port`, in the one form that browsers use; null when it is anything else. */
function hostNameOf(header: string): string | null {
  if (!/^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.test(header)) return null;
  const name = URL.parse(`http://${header}`)?.hostname;
  return name === undefined ? null : name.replace(/^\[|\]$|\.$/g, "");
}

function isAddress(name: string): boolean {
  return name.includes(":") || /^[\d.]+$/.test(name);
}

function stands(known: string, name: string): boolean {
  return known.startsWith("*.") ? name.endsWith(known.slice(1)) : name === known;
}

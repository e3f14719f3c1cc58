import { getServers } from "node:dns";
import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { DnsError } from "../errors.ts";
import type { Dns } from "../ports/dns.ts";
import type { InterfaceGuard } from "./interface-guard.ts";

const TIMEOUT_MS = 3000;
const TRIES = 3;
/** Where systemd keeps the servers that its own resolver asks. */
const UPSTREAM_FILE = "/run/systemd/resolve/resolv.conf";

/**
 * Looks names up over sockets of one interface's address. A resolver on this machine is not asked: it would ask others by
 * whichever interface it likes. There is no hosts file.
 * @param servers IP addresses, with ports perhaps; the system's when absent.
 */
export function createInterfaceDns(guard: InterfaceGuard, servers?: readonly string[]): Dns {
  return {
    async resolve(host, { family, signal } = {}) {
      if (isIP(host) !== 0) {
        if (family === undefined || family === isIP(host)) return [host];
        throw new DnsError("not-found", `${host} is not an IPv${family} address.`);
      }
      await guard.ready();
      const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
      const cancel = (): void => resolver.cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        resolver.setServers(await findServers(guard, servers));
        const [v4, v6] = [tryAddress(guard, 4), tryAddress(guard, 6)];
        // One that is not there must not be left to the system's choice: its family is not used then.
        resolver.setLocalAddress(v4 ?? "127.0.0.1", v6 ?? "::1");
        const wanted = guard.families.filter((each) => family === undefined || family === each);
        const answers = await Promise.allSettled(
          wanted.map((each) => (each === 4 ? resolver.resolve4(host) : resolver.resolve6(host))),
        );
        const found = answers.flatMap((answer) =>
          answer.status === "fulfilled" ? answer.value : [],
        );
        if (found.length > 0) return found;
        const failure = answers.find((answer) => answer.status === "rejected");
        throw toDnsError(host, failure?.reason);
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    },
  };
}

async function findServers(
  guard: InterfaceGuard,
  servers: readonly string[] | undefined,
): Promise<readonly string[]> {
  let known = servers ?? getServers();
  if (servers === undefined && known.every((server) => isLocal(server))) {
    const text = await readFile(UPSTREAM_FILE, "utf8").catch(() => "");
    known = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address]) => address!);
  }
  const usable = known.filter((server) => !isLocal(server) && isReachable(guard, hostOf(server)));
  if (usable.length > 0) return usable;
  throw new DnsError(
    "failed",
    `No name server can be asked by the interface ${guard.name}; known are ${known.join(", ") || "none"}. Name one that can.`,
  );
}

function isReachable(guard: InterfaceGuard, address: string): boolean {
  try {
    guard.addressFor(address);
    return true;
  } catch {
    return false;
  }
}

function tryAddress(guard: InterfaceGuard, family: 4 | 6): string | null {
  try {
    return guard.address(family);
  } catch {
    return null;
  }
}

function isLocal(server: string): boolean {
  const host = hostOf(server);
  return host.startsWith("127.") || host === "::1";
}

/** Without brackets and port. */
function hostOf(server: string): string {
  return isIP(server) !== 0 ? server : (/^\[?(.+?)\]?(?::\d+)?$/.exec(server)?.[1] ?? server);
}

function toDnsError(host: string, cause: unknown): DnsError {
  if (cause instanceof DnsError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "unknown";
  if (code === "ENOTFOUND" || code === "ENODATA") {
    return new DnsError(
      "not-found",
      `No address is known for ${host}. Check the name's spelling.`,
      { cause },
    );
  }
  return new DnsError(
    "failed",
    `The address of ${host} could not be looked up (${code}). Try again.`,
    { cause },
  );
}

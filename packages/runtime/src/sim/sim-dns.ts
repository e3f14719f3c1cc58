import { DnsError } from "../errors.ts";
import type { Dns } from "../ports/dns.ts";
import { isIpv6 } from "./machine.ts";
import type { SimProcess } from "./sim-process.ts";

const LOOKUP_MS = 20;

/** The names of the world, and `localhost`. A look-up takes 20 ms; an address is its own answer at once. */
export function createSimDns(process: SimProcess): Dns {
  return {
    async resolve(host, { family, signal } = {}) {
      signal?.throwIfAborted();
      const isWanted = (address: string) =>
        family === undefined || (family === 6) === isIpv6(address);
      let found: readonly string[] = [host];
      if (!isAddress(host)) {
        await process.pause(LOOKUP_MS, signal).catch((cause: unknown) => {
          const text = `The look-up of ${host} was cancelled.`;
          throw new DnsError("failed", text, { cause });
        });
        const name = host.toLowerCase();
        found = process.world.names.get(name) ?? (name === "localhost" ? ["127.0.0.1", "::1"] : []);
      }
      const wanted = found.filter(isWanted);
      if (wanted.length > 0) return wanted;
      throw new DnsError(
        "not-found",
        `No address is known for ${host}. Check the name's spelling.`,
      );
    },
  };
}

export function isAddress(host: string): boolean {
  return isIpv6(host) || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

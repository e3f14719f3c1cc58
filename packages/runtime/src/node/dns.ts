import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { DnsError } from "../errors.ts";
import type { Dns } from "../ports/dns.ts";

/** The system's resolver, with its hosts file and its order of addresses. */
export function createDns(): Dns {
  return {
    async resolve(host, { family, signal } = {}) {
      if (isIP(host) !== 0) {
        if (family === undefined || family === isIP(host)) return [host];
        throw new DnsError("not-found", `${host} is not an IPv${family} address.`);
      }
      try {
        signal?.throwIfAborted();
        const found = await raceAbort(
          lookup(host, { all: true, family: family ?? 0, order: "verbatim" }),
          signal,
        );
        return found.map(({ address }) => address);
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code;
        if (code === "ENOTFOUND" || code === "ENODATA") {
          throw new DnsError(
            "not-found",
            `No address is known for ${host}. Check the name's spelling.`,
            { cause },
          );
        }
        const reason = signal?.aborted === true ? "the look-up was cancelled" : (code ?? "unknown");
        throw new DnsError(
          "failed",
          `The address of ${host} could not be looked up (${reason}). Try again.`,
          {
            cause,
          },
        );
      }
    },
  };
}

/** The system's look-up cannot be cancelled; its answer is dropped. */
async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

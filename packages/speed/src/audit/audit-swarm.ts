import type { Address } from "@shoal/chain";
import { createSession } from "@shoal/engine";
import { pause, type Endpoint } from "@shoal/runtime";
import { auditSeeder } from "./audit-seeder.ts";
import type { AuditInit, SeederAudit } from "./audit-terms.ts";
import { OfferWatch } from "./offer-watch.ts";

/** Seeders that are asked at the same time: each has a session of its own. */
const AT_ONCE = 4;

/**
 * Looks for peers that say at which account they are paid, by whatever the session's options find peers by. Asks nobody for
 * anything.
 * @returns Whom this side could connect to.
 */
export async function findSellers(init: AuditInit, forMs: number): Promise<readonly Endpoint[]> {
  const { runtime, checks, metainfo, dir } = init;
  const { signal = new AbortController().signal } = init;
  const watch = new OfferWatch(checks, runtime.random);
  const session = await createSession({
    ...{ ...init.sessionOptions, runtime, resume: false },
    extensions: [watch.extension],
    flowGate: { uploadCredit: () => 0, downloadCredit: () => 0 },
  });
  const found = new Map<string, Endpoint>();
  try {
    const torrent = await session.add({ ...metainfo, webSeeds: [] }, { dir, reuse: false });
    for (let leftMs = forMs; leftMs > 0; leftMs -= 500) {
      await pause(runtime.clock, Math.min(500, leftMs), signal);
      for (const { id, incoming, remote } of torrent.peers) {
        if (incoming || watch.payeeOf(id) === null) continue;
        found.set(`${remote.address} ${remote.port}`, remote);
      }
    }
  } finally {
    await session.close();
  }
  return [...found.values()];
}

/**
 * Audits seeders, some at a time.
 * @param folderOf A folder for each of them, which is the caller's to remove.
 * @throws As {@link auditSeeder}.
 */
export async function auditSeeders(
  init: Omit<AuditInit, "dir">,
  endpoints: readonly Endpoint[],
  folderOf: (index: number) => string,
): Promise<readonly SeederAudit[]> {
  const audits: SeederAudit[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < endpoints.length) {
      const index = next++;
      audits[index] = await auditSeeder({ ...init, dir: folderOf(index) }, endpoints[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, endpoints.length) }, work));
  return audits;
}

/** The accounts of those who passed, as reports list them: ascending, nobody twice. */
export function presentIn(audits: readonly SeederAudit[]): readonly Address[] {
  const present = new Set<Address>();
  for (const { payee, failure } of audits)
    if (failure === null && payee !== null) present.add(payee);
  return [...present].toSorted();
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  auditSeeders,
  DAY_SECONDS,
  DEFAULT_AUDIT_TERMS,
  findSellers,
  PayChecks,
  presentIn,
  type SeederAudit,
} from "@shoal/speed";
import type { HostPort } from "../arguments/parse-endpoint.ts";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openSpeed } from "../speed/open-speed.ts";
import { loadTorrentFile } from "../torrent/load-source.ts";
import { resolvePeers } from "../torrent/resolve-peers.ts";
import { withAccount } from "../wallet/open-wallet.ts";
import { openReport, type ReportFlags, signReport, torrentOf } from "./report.ts";

export type AuditFlags = Omit<ReportFlags, "day" | "seeder"> & {
  readonly day?: number;
  readonly peer?: readonly HostPort[];
  /** Seconds. */
  readonly search: number;
  readonly challenges: number;
  readonly host?: string;
};

const WHY: Record<NonNullable<SeederAudit["failure"]>, string> = {
  unreachable: "nobody answers",
  "no-account": "says no account: it does not sell on this network (shoal seed ... --sell)",
  incomplete: "has not all of it",
  "no-slot": "gave no slot",
  late: "was late",
  bad: "sent what does not agree with the torrent",
};

/** `shoal bounty audit`: asks seeders for pieces that they cannot foresee, and signs who had them. */
export async function runBountyAudit(
  idText: string,
  path: string,
  flags: AuditFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const metainfo = await loadTorrentFile(path);
  return await withAccount(context, flags, async (opened) => {
    const { runtime, network } = opened;
    const about = await openReport(idText, opened, flags);
    if (about.bounty.torrent !== (await torrentOf(path))) {
      throw new CliError("usage", `${path} is not the torrent of bounty ${about.bounty.id}`);
    }
    const { output, signal } = context;
    const folder = await mkdtemp(join(tmpdir(), "shoal-audit-"));
    try {
      const init = {
        ...{ runtime, metainfo, signal },
        checks: new PayChecks((await openSpeed(opened)).digests),
        sessionOptions: flags.host === undefined ? {} : { host: flags.host },
        terms: { ...DEFAULT_AUDIT_TERMS, challenges: flags.challenges },
      };
      const endpoints =
        flags.peer === undefined
          ? await findSellers({ ...init, dir: join(folder, "search") }, flags.search * 1000)
          : await resolvePeers(flags.peer, runtime.dns, signal);
      const audits = await auditSeeders(init, endpoints, (at) => join(folder, String(at)));
      for (const { endpoint, payee, failure } of audits) {
        const who = payee === null ? "" : ` (${network.formatAddress(payee)})`;
        const how = failure === null ? "passed" : WHY[failure];
        output.note(`${endpoint.address}:${endpoint.port}${who} ${how}`);
      }
      const seeders = presentIn(audits);
      if (seeders.length === 0) {
        throw new CliError("verification-failed", "no seeder passed: there is nothing to sign");
      }
      const day = flags.day ?? Math.floor(runtime.clock.nowMs() / 1000 / DAY_SECONDS);
      const report = { bountyId: about.bounty.id, day, seeders };
      await signReport(opened, about, report, flags);
      output.data(`signed: ${seeders.length} seeders of bounty ${about.bounty.id} on day ${day}`);
      output.result({
        bounty: String(about.bounty.id),
        day,
        path: flags.output,
        audits: audits.map(({ endpoint, payee, failure, challenges }) => ({
          peer: `${endpoint.address}:${endpoint.port}`,
          account: payee === null ? null : network.formatAddress(payee),
          failure,
          challenges,
        })),
      });
      return EXIT.ok;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

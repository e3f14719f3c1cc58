import { writeFile } from "node:fs/promises";
import { type Address, formatAmount, type Network, parseAmount } from "@shoal/chain";
import {
  Attestations,
  type Auditors,
  BountiesContract,
  type Bounty,
  type BountyTerms,
  DAY_SECONDS,
  type DayReport,
} from "@shoal/speed";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { toFileError } from "../process/file-error.ts";
import { loadSource } from "../torrent/load-source.ts";
import { type NetworkOptions, withAccount, withNetwork } from "../wallet/open-wallet.ts";
import { readBountyFile, writeBountyFile } from "./bounty-file.ts";
import { findContract } from "./find-contract.ts";
import { signAndSend, type SigningFlags, withSigner } from "./sign-and-send.ts";

const btt = (wei: bigint): string => `${formatAmount(wei, 18)} BTT`;

interface AuditorFlags {
  readonly auditor: readonly string[];
  readonly threshold: number;
}

export type BountyFileFlags = SigningFlags & { readonly contract?: string };
export type ListFlags = NetworkOptions & {
  readonly contract?: string;
  readonly torrent?: string;
  readonly limit: number;
};
export type FundFlags = BountyFileFlags &
  AuditorFlags & {
    readonly amount: string;
    readonly perDay: string;
    readonly perSeeder?: string;
    readonly seeders: number;
    readonly days: number;
  };
export type ReportFlags = BountyFileFlags &
  AuditorFlags & {
    readonly day: number;
    readonly seeder: readonly string[];
    readonly output: string;
  };

/** `shoal bounty fund`. */
export async function runBountyFund(
  source: string,
  flags: FundFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const torrent = await torrentOf(source);
  return await withAccount(context, flags, async (opened) => {
    const { network, runtime, address } = opened;
    const contract = openContract(network, flags.contract);
    const amount = parseAmount(flags.amount, 18);
    const perDayWei = parseAmount(flags.perDay, 18);
    const startDay = Math.floor(runtime.clock.nowMs() / 1000 / DAY_SECONDS);
    const terms: BountyTerms = {
      torrent,
      perDayWei,
      perSeederWei: flags.perSeeder === undefined ? perDayWei : parseAmount(flags.perSeeder, 18),
      maximumSeeders: flags.seeders,
      startDay,
      endDay: startDay + flags.days,
      auditorsHash: await contract.auditorsHash(auditorsOf(network, flags)),
    };
    const intents = [await contract.allow(amount), contract.fund(terms, amount)];
    const transactions = await signAndSend(opened, intents, flags, context);
    const mine = await contract.list({ torrent, limit: 20, fromBlock: 0 });
    const bounty = mine.find(({ funder }) => funder === address);
    const id = bounty === undefined ? null : String(bounty.id);
    context.output.data(`bounty ${id ?? "?"}: ${btt(amount)} for ${torrent}, ${flags.days} days`);
    context.output.result({ id, torrent, wei: String(amount), transactions });
    return EXIT.ok;
  });
}

/** `shoal bounty list`. */
export async function runBountyList(flags: ListFlags, context: CommandContext): Promise<ExitCode> {
  const torrent = flags.torrent === undefined ? undefined : await torrentOf(flags.torrent);
  return await withNetwork(context, flags, async ({ network }) => {
    const contract = openContract(network, flags.contract);
    const { limit } = flags;
    const found = await contract.list({
      ...{ limit, fromBlock: 0 },
      ...(torrent !== undefined && { torrent }),
    });
    const { output } = context;
    for (const { id, torrent: of, potWei, perDayWei, startDay, endDay } of found) {
      output.data(
        `${id}  ${of}  ${btt(potWei)} left, ${btt(perDayWei)} a day, ${dateOf(startDay)} to ${dateOf(endDay - 1)}`,
      );
    }
    if (found.length === 0) output.note("no bounties: shoal bounty fund makes one");
    output.result({ bounties: found.map((bounty) => toJson(network, bounty)) });
    return EXIT.ok;
  });
}

/** `shoal bounty attest`. */
export async function runBountyAttest(
  idText: string,
  flags: ReportFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, flags, async (opened) => {
    const { network } = opened;
    const contract = openContract(network, flags.contract);
    const auditors = auditorsOf(network, flags);
    const bounty = await contract.read(parseId(idText));
    if ((await contract.auditorsHash(auditors)) !== bounty.auditorsHash) {
      throw new CliError("usage", `those are not the auditors of bounty ${bounty.id}`);
    }
    const seeders = sortedAddresses(network, flags.seeder);
    const report: DayReport = { bountyId: bounty.id, day: flags.day, seeders };
    const { chainId } = network.info;
    const attestations = new Attestations({ chainId, contract: contract.address });
    const attestation = await withSigner(opened, flags, async (signer) => {
      return await attestations.sign(report, signer);
    });
    const text = writeBountyFile({ chainId, contract: contract.address, auditors, attestation });
    try {
      await writeFile(flags.output, text);
    } catch (error) {
      throw toFileError(error, "write", flags.output);
    }
    context.output.data(
      `signed: ${seeders.length} seeders of bounty ${bounty.id} on day ${flags.day}`,
    );
    context.output.result({ bounty: String(bounty.id), day: flags.day, path: flags.output });
    return EXIT.ok;
  });
}

/** `shoal bounty claim`. */
export async function runBountyClaim(
  paths: readonly string[],
  flags: BountyFileFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const files = await Promise.all(paths.map(readBountyFile));
  return await withAccount(context, flags, async (opened) => {
    const { network } = opened;
    const { chainId } = network.info;
    const contract = openContract(network, flags.contract);
    const { auditors, attestation } = files[0]!;
    if (files.some((file) => file.chainId !== chainId || file.contract !== contract.address)) {
      throw new CliError("usage", `a report is not for the bounties on ${network.info.title}`);
    }
    const { report } = attestation;
    const attestations = new Attestations({ chainId, contract: contract.address });
    const all = files.map((file) => file.attestation);
    const gathered = attestations.gather(report, auditors, all);
    if (gathered === null) {
      const text = `too few auditors have signed this report: ${auditors.threshold} have to`;
      throw new CliError("verification-failed", text);
    }
    const signatures = gathered.map(({ signature }) => signature);
    const intent = contract.payDay(report, auditors, signatures);
    const transactions = await signAndSend(opened, [intent], flags, context);
    context.output.data(`day ${report.day} of bounty ${report.bountyId} is paid`);
    context.output.result({ bounty: String(report.bountyId), day: report.day, transactions });
    return EXIT.ok;
  });
}

function openContract(network: Network, given: string | undefined): BountiesContract {
  return new BountiesContract(network, findContract(network, "SeedBounties", given));
}

function auditorsOf(network: Network, { auditor, threshold }: AuditorFlags): Auditors {
  return { accounts: sortedAddresses(network, auditor), threshold };
}

/** As contracts want them: ascending, nobody twice. */
function sortedAddresses(network: Network, texts: readonly string[]): readonly Address[] {
  return [...new Set(texts.map((text) => network.parseAddress(text)))].toSorted();
}

function parseId(text: string): bigint {
  if (/^[1-9]\d{0,30}$/.test(text)) return BigInt(text);
  throw new CliError("usage", `${text} is no bounty's number: shoal bounty list shows them`);
}

/** As contracts name torrents: BEP 52's root infohash, or BEP 3's and 12 zero bytes. 64 hex digits. */
async function torrentOf(source: string): Promise<string> {
  const loaded = await loadSource(source);
  const [v1, v2] =
    loaded.kind === "torrent"
      ? [loaded.metainfo.v1?.infoHash ?? null, loaded.metainfo.v2?.infoHash ?? null]
      : [loaded.magnet.infoHashV1, loaded.magnet.infoHashV2];
  return Buffer.from(v2 ?? v1!)
    .toString("hex")
    .padEnd(64, "0");
}

function dateOf(day: number): string {
  return new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
}

function toJson(network: Network, bounty: Bounty): object {
  return {
    id: String(bounty.id),
    torrent: bounty.torrent,
    funder: network.formatAddress(bounty.funder),
    potWei: String(bounty.potWei),
    perDayWei: String(bounty.perDayWei),
    perSeederWei: String(bounty.perSeederWei),
    maximumSeeders: bounty.maximumSeeders,
    startDay: bounty.startDay,
    endDay: bounty.endDay,
  };
}

import { formatAmount, type Network, parseAmount } from "@shoal/chain";
import { Attestations, type Bounty, type BountyTerms, DAY_SECONDS } from "@shoal/speed";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { type NetworkOptions, withAccount, withNetwork } from "../wallet/open-wallet.ts";
import { readBountyFile } from "./bounty-file.ts";
import {
  type AuditorFlags,
  auditorsOf,
  type BountyFileFlags,
  openContract,
  openReport,
  parseId,
  type ReportFlags,
  signReport,
  sortedAddresses,
  torrentOf,
} from "./report.ts";
import { signAndSend } from "./sign-and-send.ts";

const btt = (wei: bigint): string => `${formatAmount(wei, 18)} BTT`;

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
export type TopUpFlags = BountyFileFlags & { readonly amount: string };
export type AttestFlags = ReportFlags & { readonly seeder: readonly string[] };

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

/** `shoal bounty top-up`. */
export async function runBountyTopUp(
  idText: string,
  flags: TopUpFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const id = parseId(idText);
  const amount = parseAmount(flags.amount, 18);
  return await withAccount(context, flags, async (opened) => {
    const contract = openContract(opened.network, flags.contract);
    const intents = [await contract.allow(amount), contract.topUp(id, amount)];
    const transactions = await signAndSend(opened, intents, flags, context);
    const { potWei } = await contract.read(id);
    context.output.data(`bounty ${id}: ${btt(amount)} more, ${btt(potWei)} left in all`);
    const [wei, pot] = [String(amount), String(potWei)];
    context.output.result({ id: String(id), wei, potWei: pot, transactions });
    return EXIT.ok;
  });
}

/** `shoal bounty refund`: the funder gets back what is left, a week after the end. */
export async function runBountyRefund(
  idText: string,
  flags: BountyFileFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const id = parseId(idText);
  return await withAccount(context, flags, async (opened) => {
    const contract = openContract(opened.network, flags.contract);
    const { potWei } = await contract.read(id);
    const transactions = await signAndSend(opened, [contract.refund(id)], flags, context);
    context.output.data(`bounty ${id}: ${btt(potWei)} went back to its funder`);
    context.output.result({ id: String(id), wei: String(potWei), transactions });
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
  flags: AttestFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, flags, async (opened) => {
    const about = await openReport(idText, opened, flags);
    const seeders = sortedAddresses(opened.network, flags.seeder);
    const { id } = about.bounty;
    await signReport(opened, about, { bountyId: id, day: flags.day, seeders }, flags);
    context.output.data(`signed: ${seeders.length} seeders of bounty ${id} on day ${flags.day}`);
    context.output.result({ bounty: String(id), day: flags.day, path: flags.output });
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

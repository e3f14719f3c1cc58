import { writeFile } from "node:fs/promises";
import type { Address, Network } from "@shoal/chain";
import {
  Attestations,
  type Auditors,
  BountiesContract,
  type Bounty,
  type DayReport,
} from "@shoal/speed";
import { CliError } from "../errors.ts";
import { toFileError } from "../process/file-error.ts";
import { loadSource } from "../torrent/load-source.ts";
import type { OpenedAccount } from "../wallet/open-wallet.ts";
import { writeBountyFile } from "./bounty-file.ts";
import { findContract } from "./find-contract.ts";
import { type SigningFlags, withSigner } from "./sign-and-send.ts";

export interface AuditorFlags {
  readonly auditor: readonly string[];
  readonly threshold: number;
}

export type BountyFileFlags = SigningFlags & { readonly contract?: string };
export type ReportFlags = BountyFileFlags &
  AuditorFlags & { readonly day: number; readonly output: string };

/** A bounty whose day is to be reported, and those who may. */
export interface OpenedReport {
  readonly contract: BountiesContract;
  readonly auditors: Auditors;
  readonly bounty: Bounty;
}

/** @throws {CliError} `usage` when those are not its auditors. */
export async function openReport(
  idText: string,
  { network }: OpenedAccount,
  flags: BountyFileFlags & AuditorFlags,
): Promise<OpenedReport> {
  const contract = openContract(network, flags.contract);
  const auditors = auditorsOf(network, flags);
  const bounty = await contract.read(parseId(idText));
  if ((await contract.auditorsHash(auditors)) !== bounty.auditorsHash) {
    throw new CliError("usage", `those are not the auditors of bounty ${bounty.id}`);
  }
  return { contract, auditors, bounty };
}

/** Signs a report as one of its auditors, and writes it for whoever gathers them. */
export async function signReport(
  opened: OpenedAccount,
  { contract, auditors }: OpenedReport,
  report: DayReport,
  flags: BountyFileFlags & { readonly output: string },
): Promise<void> {
  const { chainId } = opened.network.info;
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
}

export function openContract(network: Network, given: string | undefined): BountiesContract {
  return new BountiesContract(network, findContract(network, "SeedBounties", given));
}

export function auditorsOf(network: Network, { auditor, threshold }: AuditorFlags): Auditors {
  return { accounts: sortedAddresses(network, auditor), threshold };
}

/** As contracts want them: ascending, nobody twice. */
export function sortedAddresses(network: Network, texts: readonly string[]): readonly Address[] {
  return [...new Set(texts.map((text) => network.parseAddress(text)))].toSorted();
}

export function parseId(text: string): bigint {
  if (/^[1-9]\d{0,30}$/.test(text)) return BigInt(text);
  throw new CliError("usage", `${text} is no bounty's number: shoal bounty list shows them`);
}

/** As contracts name torrents: BEP 52's root infohash, or BEP 3's and 12 zero bytes. 64 hex digits. */
export async function torrentOf(source: string): Promise<string> {
  const loaded = await loadSource(source);
  const [v1, v2] =
    loaded.kind === "torrent"
      ? [loaded.metainfo.v1?.infoHash ?? null, loaded.metainfo.v2?.infoHash ?? null]
      : [loaded.magnet.infoHashV1, loaded.magnet.infoHashV2];
  return Buffer.from(v2 ?? v1!)
    .toString("hex")
    .padEnd(64, "0");
}

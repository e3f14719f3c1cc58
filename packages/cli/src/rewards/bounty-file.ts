import { readFile } from "node:fs/promises";
import { type Address, type CompactSignature, toAddress } from "@shoal/chain";
import type { Attestation, Auditors } from "@shoal/speed";
import { CliError } from "../errors.ts";
import { toFileError } from "../process/file-error.ts";

const FORMAT = "shoal bounty report 1";
/** Two hundred seeders and as many auditors take less. */
const MAX_BYTES = 64 * 1024;
const WORD = /^[0-9a-f]{64}$/;

/** A report that an auditor signed, as it goes from hand to hand. */
export interface BountyFile {
  readonly chainId: number;
  readonly contract: Address;
  readonly auditors: Auditors;
  readonly attestation: Attestation;
}

export function writeBountyFile({ chainId, contract, auditors, attestation }: BountyFile): string {
  const { report, auditor, signature } = attestation;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  const written = {
    format: FORMAT,
    chainId,
    contract,
    bountyId: String(report.bountyId),
    day: report.day,
    seeders: report.seeders,
    auditors: auditors.accounts,
    threshold: auditors.threshold,
    auditor,
    signature: { r: hex(signature.r), vs: hex(signature.vs) },
  };
  return `${JSON.stringify(written)}\n`;
}

/** @throws {CliError} `not-found`, `file-failed`, or `usage` when it is no such report. */
export async function readBountyFile(path: string): Promise<BountyFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw toFileError(error, "read", path);
  }
  try {
    if (bytes.length > MAX_BYTES) throw new RangeError("too long");
    return parse(JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>);
  } catch (cause) {
    throw new CliError("usage", `${path} is no report of a bounty's auditor`, { cause });
  }
}

function parse(fields: Record<string, unknown>): BountyFile {
  if (fields["format"] !== FORMAT) throw new RangeError("another format");
  const { r, vs } = fields["signature"] as Record<string, unknown>;
  const signature: CompactSignature = { r: wordOf(r), vs: wordOf(vs) };
  return {
    chainId: countOf(fields["chainId"]),
    contract: addressOf(fields["contract"]),
    auditors: { accounts: listOf(fields["auditors"]), threshold: countOf(fields["threshold"]) },
    attestation: {
      report: {
        bountyId: BigInt(String(fields["bountyId"])),
        day: countOf(fields["day"]),
        seeders: listOf(fields["seeders"]),
      },
      auditor: addressOf(fields["auditor"]),
      signature,
    },
  };
}

function wordOf(value: unknown): Uint8Array {
  if (typeof value !== "string" || !WORD.test(value)) throw new RangeError("no 32 bytes");
  return Uint8Array.from(Buffer.from(value, "hex"));
}

function countOf(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError("no count");
}

function addressOf(value: unknown): Address {
  if (typeof value !== "string") throw new RangeError("no address");
  return toAddress(value);
}

function listOf(value: unknown): readonly Address[] {
  if (!Array.isArray(value)) throw new RangeError("no list");
  return value.map(addressOf);
}

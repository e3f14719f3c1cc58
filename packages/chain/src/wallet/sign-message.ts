import { hashMessage, keccak256 } from "viem";
import { TRON_COIN } from "../accounts/derive-key.ts";
import type { Signer } from "../accounts/signer.ts";
import { AccountError } from "../errors.ts";
import type { Hex } from "../network/address.ts";
import type { NetworkInfo } from "../network/network-info.ts";
import { type Permit, readPermits } from "./permits.ts";
import { checkSignIn, readSignIn, type SignInPlace } from "./sign-in.ts";
import {
  cutLines,
  type SigningLine,
  type SigningWarning,
  visible,
  warnOfHidden,
} from "./signing-lines.ts";
import { readTypedData } from "./typed-data.ts";

/** Something to sign that is no transaction, and what it says. */
export interface SigningPlan {
  readonly purpose: "message" | "typed-data";
  readonly digest: Hex;
  readonly chainId: number | null;
  readonly lines: readonly SigningLine[];
  readonly warnings: readonly SigningWarning[];
  /** Tokens that the signature lets others take. */
  readonly permits: readonly Permit[];
  /** Lines for people. */
  readonly description: readonly string[];
}

/**
 * A message, to be signed so that it can never be taken for a transaction.
 * @param message A text, or bytes, which need not be one.
 * @param place Who asks, where that is known: a sign-in is compared with it.
 * @see EIP-191 (version 0x45), and TIP-191 with TRON's own prefix; ERC-4361
 */
export function planMessage(
  message: string | Uint8Array,
  { slip44 }: NetworkInfo,
  place?: SignInPlace,
): SigningPlan {
  const bytes = typeof message === "string" ? Buffer.from(message, "utf8") : message;
  const tronPrefix = Buffer.from(`\u0019TRON Signed Message:\n${bytes.length}`);
  const digest =
    slip44 === TRON_COIN
      ? keccak256(Buffer.concat([tronPrefix, bytes]))
      : hashMessage({ raw: bytes });
  const told = describeMessage(textOf(bytes) ?? bytes, place);
  return {
    purpose: "message",
    ...{ digest, chainId: null, permits: [], ...told },
    description: [
      `sign this ${textOf(bytes) === null ? "message" : "text"} of ${bytes.length} bytes:`,
      ...told.lines.map(({ value }) => `  ${value}`),
    ],
  };
}

type Told = Pick<SigningPlan, "lines" | "warnings">;

function describeMessage(message: string | Uint8Array, place: SignInPlace | undefined): Told {
  if (typeof message !== "string") {
    const text = "This is no text: nobody can say what it means, but whoever asks for it.";
    return {
      lines: [{ label: "bytes", value: `0x${Buffer.from(message).toString("hex")}` }],
      warnings: [{ code: "not-text", message: text, isGrave: true }],
    };
  }
  const signIn = readSignIn(message);
  if (signIn !== null && signIn !== "broken") {
    const warnings = place === undefined ? [] : checkSignIn(signIn, place);
    return { lines: signIn.lines, warnings };
  }
  const all = message
    .split("\n")
    .map((line) => ({ label: "text", value: visible(line) }) satisfies SigningLine);
  const { lines, warnings } = cutLines(all, "text");
  const hidden = warnOfHidden(message.replaceAll("\n", " "));
  const broken: SigningWarning = {
    code: "broken-sign-in",
    message: "This looks like a sign-in and is none: sites that mean well do not ask for that.",
    isGrave: true,
  };
  return {
    lines,
    warnings: [
      ...warnings,
      ...(hidden === null ? [] : [hidden]),
      ...(signIn === "broken" ? [broken] : []),
    ],
  };
}

/**
 * Structured data, as contracts verify it.
 * @param text JSON with `domain`, `types`, `primaryType` and `message`.
 * @throws {AccountError} `not-allowed` when it is none, or is for another chain than the one that is used.
 * @see EIP-712
 */
export function planTypedData(text: string, { chainId, title }: NetworkInfo): SigningPlan {
  const data = readTypedData(text);
  if (data.chainId !== null && data.chainId !== chainId) {
    throw new AccountError(
      "not-allowed",
      `This is for chain ${data.chainId}, and ${title} is chain ${chainId}: what is signed here would count there.`,
    );
  }
  const permits = readPermits(data);
  const { lines, warnings } = cutLines(data.lines, "field");
  const { name, contract, primaryType } = data;
  const head: SigningLine[] = [
    { label: "type", value: visible(primaryType) },
    ...(name === null ? [] : [{ label: "name", value: visible(name) } as const]),
    ...(contract === null ? [] : [{ label: "contract", value: visible(contract) } as const]),
    ...(data.version === null ? [] : [{ label: "version", value: visible(data.version) } as const]),
    ...(data.chainId === null ? [] : [{ label: "chain", value: String(data.chainId) } as const]),
  ];
  const hidden = warnOfHidden(JSON.stringify([name, data.message]).replace(/\\[nrt]/g, " "));
  const isKnown = permits !== null;
  return {
    purpose: "typed-data",
    ...{ digest: data.digest, chainId: data.chainId, permits: permits ?? [] },
    lines: [...head, ...lines],
    warnings: [
      ...warnings,
      ...(hidden === null ? [] : [hidden]),
      ...(data.chainId === null ? [NO_CHAIN] : []),
      ...(isKnown ? [] : [UNKNOWN]),
    ],
    description: [
      `sign ${visible(primaryType)} for ${visible(name ?? "nobody in particular")}` +
        (contract === null ? "" : `, contract ${visible(contract)}`),
      ...lines.map(({ value }) => `  ${value}`),
    ],
  };
}

const NO_CHAIN: SigningWarning = {
  code: "no-chain",
  message: "This names no chain: it may count on every one.",
  isGrave: true,
};

const UNKNOWN: SigningWarning = {
  code: "unknown-typed-data",
  message:
    "What a contract does with this is not known here: it may be an order or a payment. Sign it only where you expect it.",
  isGrave: false,
};

/** Signs what was planned. @throws {AccountError} what the signer throws. */
export async function signPlanned(plan: SigningPlan, signer: Signer): Promise<Hex> {
  const { purpose, digest, chainId, description } = plan;
  return await signer.sign({ purpose, digest, chainId, spends: [], summary: description[0] ?? "" });
}

/** Null for bytes that are no UTF-8. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

import { hashMessage, hashTypedData, keccak256, type TypedDataDefinition } from "viem";
import { TRON_COIN } from "../accounts/derive-key.ts";
import type { Signer } from "../accounts/signer.ts";
import { AccountError } from "../errors.ts";
import type { Hex } from "../network/address.ts";
import type { NetworkInfo } from "../network/network-info.ts";

/** Something to sign that is no transaction, and what it says. */
export interface SigningPlan {
  readonly purpose: "message" | "typed-data";
  readonly digest: Hex;
  readonly chainId: number | null;
  /** Lines for people. */
  readonly description: readonly string[];
}

/** Lines of a structure that are shown; what is longer is no message for people. */
const MAX_LINES = 200;

/**
 * A text, to be signed so that it can never be taken for a transaction.
 * @see EIP-191 (version 0x45), and TIP-191 with TRON's own prefix
 */
export function planMessage(text: string, { slip44 }: NetworkInfo): SigningPlan {
  const bytes = Buffer.from(text, "utf8");
  const tronPrefix = Buffer.from(`\u0019TRON Signed Message:\n${bytes.length}`);
  const digest =
    slip44 === TRON_COIN ? keccak256(Buffer.concat([tronPrefix, bytes])) : hashMessage(text);
  const lines = text.split("\n").map((line) => `  ${visible(line)}`);
  return {
    purpose: "message",
    digest,
    chainId: null,
    description: [`sign this text of ${bytes.length} bytes:`, ...lines.slice(0, MAX_LINES)],
  };
}

/**
 * Structured data, as contracts verify it.
 * @param text JSON with `domain`, `types`, `primaryType` and `message`.
 * @throws {AccountError} `not-allowed` when it is none, or is for another chain than the one that is used.
 * @see EIP-712
 */
export function planTypedData(text: string, { chainId, title }: NetworkInfo): SigningPlan {
  let data: TypedDataDefinition;
  let digest: Hex;
  try {
    data = JSON.parse(text) as TypedDataDefinition;
    digest = hashTypedData(data);
  } catch (cause) {
    throw new AccountError("not-allowed", "This is no structured data of EIP-712.", { cause });
  }
  const domain = (data.domain ?? {}) as {
    name?: string;
    chainId?: unknown;
    verifyingContract?: string;
  };
  const asked = domain.chainId === undefined ? null : Number(domain.chainId);
  if (asked !== null && asked !== chainId) {
    throw new AccountError(
      "not-allowed",
      `This is for chain ${asked}, and ${title} is chain ${chainId}: what is signed here would count there.`,
    );
  }
  const lines = describeValue(data.message, "  ");
  return {
    purpose: "typed-data",
    digest,
    chainId: asked,
    description: [
      `sign ${visible(data.primaryType)} for ${visible(domain.name ?? "nobody in particular")}` +
        (domain.verifyingContract === undefined ? "" : `, contract ${domain.verifyingContract}`),
      ...lines.slice(0, MAX_LINES),
      ...(lines.length > MAX_LINES ? [`  and ${lines.length - MAX_LINES} lines more`] : []),
    ],
  };
}

/** Signs what was planned. @throws {AccountError} what the signer throws. */
export async function signPlanned(plan: SigningPlan, signer: Signer): Promise<Hex> {
  const { purpose, digest, chainId, description } = plan;
  return await signer.sign({ purpose, digest, chainId, spends: [], summary: description[0] ?? "" });
}

function describeValue(value: unknown, indent: string): string[] {
  if (typeof value !== "object" || value === null) return [`${indent}${visible(String(value))}`];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === "object" && inner !== null
      ? [`${indent}${visible(key)}:`, ...describeValue(inner, `${indent}  `)]
      : [`${indent}${visible(key)}: ${visible(String(inner))}`],
  );
}

/** Characters that move, hide or turn around text on a terminal are shown as their numbers. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}

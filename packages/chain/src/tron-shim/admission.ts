import type { Address } from "../network/address.ts";
import { formatTronAddress } from "../tron/address.ts";
import { recoverTronSigner, TRON_SIGNATURE_BYTES } from "../tron/signature.ts";
import type { TronTransaction } from "../tron/transaction.ts";
import { type Refusal, refuseContract, refuseSignature, REFUSALS } from "./refusal.ts";
import { refBlockHash } from "./shim-block.ts";

/** What of the chain decides whether a transaction may come in at all. */
export interface AdmissionView {
  readonly headTimeMs: number;
  /** The time of the next block. */
  readonly nextTimeMs: number;
  isKnown(id: string): boolean;
  /** The id of the newest block whose number ends in these two bytes, of the last 65,536; null when there is none. */
  recentBlockId(refBlockBytes: string): string | null;
}

/** No block takes a transaction that expires later than this after the newest. */
const MAX_LIFETIME_MS = 24 * 60 * 60 * 1000;

/**
 * Checks a transaction for itself: signature, life time, and the block that it builds on; in the node's order and words.
 * @see java-tron, `Wallet.broadcastTransaction`, `Manager.processTransaction`
 */
export async function admit(
  id: string,
  transaction: TronTransaction,
  view: AdmissionView,
): Promise<Refusal | null> {
  const { raw, signatures } = transaction;
  for (const { length } of signatures) {
    if (length < TRON_SIGNATURE_BYTES || length > TRON_SIGNATURE_BYTES + 3) {
      return refuseSignature(`Signature size is ${length}`);
    }
  }
  if (view.isKnown(id)) return REFUSALS.duplicate;
  if (raw.expirationMs <= view.nextTimeMs) return REFUSALS.expired;
  const { contract } = raw;
  if (contract.kind !== "other") {
    const refusal = await checkSignatures(id, contract.owner, signatures, raw.permissionId);
    if (refusal !== null) return refusal;
  }
  const blockId = view.recentBlockId(Buffer.from(raw.refBlockBytes).toString("hex"));
  const refHash = Buffer.from(raw.refBlockHash).toString("hex");
  if (blockId === null || refBlockHash(blockId) !== refHash) return REFUSALS.tapos;
  if (raw.expirationMs > view.headTimeMs + MAX_LIFETIME_MS) return REFUSALS.expired;
  return null;
}

/** Every account here has one key: its owner's. */
async function checkSignatures(
  id: string,
  owner: Address,
  signatures: readonly Uint8Array[],
  permissionId: number,
): Promise<Refusal | null> {
  const [signature] = signatures;
  if (signature === undefined) return refuseSignature("miss sig or contract");
  if (signatures.length > 1) {
    return refuseSignature(
      `Signature count is ${signatures.length} more than key counts of permission : 1`,
    );
  }
  if (permissionId !== 0) return refuseSignature("permission isn't exit");
  const signer = await recoverTronSigner(id, signature);
  if (signer === owner) return null;
  if (signer === null) return refuseSignature("Signature recovery failed");
  return refuseSignature(
    `${id} is signed by ${formatTronAddress(signer)} but it is not contained of permission.`,
  );
}

/** For what could not be read at all. */
export function refuseUnreadable(error: unknown): Refusal {
  return refuseContract(error instanceof Error ? error.message : "unreadable");
}

/** Why a node does not take a transaction: `api.Return.response_code`, and its words. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export type RefusalCode =
  | "SIGERROR"
  | "CONTRACT_VALIDATE_ERROR"
  | "BANDWITH_ERROR"
  | "DUP_TRANSACTION_ERROR"
  | "TAPOS_ERROR"
  | "TOO_BIG_TRANSACTION_ERROR"
  | "TRANSACTION_EXPIRATION_ERROR"
  | "OTHER_ERROR";

/** @see java-tron, `Wallet.broadcastTransaction`: the code is misspelt there. */
export const REFUSALS = {
  expired: { code: "TRANSACTION_EXPIRATION_ERROR", message: "Transaction expired" },
  tapos: { code: "TAPOS_ERROR", message: "Tapos check error." },
  duplicate: { code: "DUP_TRANSACTION_ERROR", message: "Dup transaction." },
  tooBig: { code: "TOO_BIG_TRANSACTION_ERROR", message: "Transaction size is too big." },
  resources: { code: "BANDWITH_ERROR", message: "Account resource insufficient error." },
} as const satisfies Record<string, Refusal>;

export function refuseSignature(why: string): Refusal {
  return { code: "SIGERROR", message: `Validate signature error: ${why}` };
}

export function refuseContract(why: string): Refusal {
  return { code: "CONTRACT_VALIDATE_ERROR", message: `Contract validate error : ${why}` };
}

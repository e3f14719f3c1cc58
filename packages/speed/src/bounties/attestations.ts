import {
  addressWord,
  type Address,
  hashText,
  keccak256,
  SignatureChecker,
  type Signer,
  TypedDomain,
  uintWord,
} from "@shoal/chain";
import { toCompact } from "../channel/pay-crypto.ts";
import { hexOf } from "../settlement/hex-of.ts";
import type { Attestation, Auditors, DayReport } from "./bounty.ts";

const DAY_REPORT = hashText("DayReport(uint256 bountyId,uint256 day,address[] seeders)");

/** Signs and checks auditors' reports for one contract on one chain (EIP-712). */
export class Attestations {
  readonly #chainId: number;
  readonly #domain: TypedDomain;
  readonly #checker = new SignatureChecker();

  constructor(init: { readonly chainId: number; readonly contract: Address }) {
    this.#chainId = init.chainId;
    this.#domain = new TypedDomain({ name: "Shoal SeedBounties", version: "1", ...init });
  }

  /** 32 bytes: the contract's `reportDigest`. */
  digest({ bountyId, day, seeders }: DayReport): Uint8Array {
    const list = keccak256(Buffer.concat(seeders.map(addressWord)));
    const words = [DAY_REPORT, uintWord(bountyId), uintWord(BigInt(day)), list];
    return this.#domain.digest(Buffer.concat(words));
  }

  /** @throws {AccountError} what the signer throws. */
  async sign(report: DayReport, auditor: Signer): Promise<Attestation> {
    const { bountyId, day, seeders } = report;
    const signature = await auditor.sign({
      purpose: "typed-data",
      digest: hexOf(this.digest(report)),
      chainId: this.#chainId,
      spends: [],
      summary: `report ${seeders.length} seeders on day ${day} of bounty ${bountyId}`,
    });
    return { report, auditor: auditor.address, signature: toCompact(signature) };
  }

  /**
   * Those of the attestations that count for this report, once for each auditor, in the order that the contract wants.
   * @returns null while fewer have signed than have to.
   */
  gather(
    report: DayReport,
    auditors: Auditors,
    attestations: readonly Attestation[],
  ): readonly Attestation[] | null {
    const digest = this.digest(report);
    const found = auditors.accounts.flatMap((account) => {
      const one = attestations.find(
        ({ auditor, signature }) =>
          auditor === account && this.#checker.isSigned(digest, signature, account),
      );
      return one === undefined ? [] : [one];
    });
    return found.length < auditors.threshold ? null : found.slice(0, auditors.threshold);
  }
}

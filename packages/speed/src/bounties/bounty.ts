import type { Address, CompactSignature, Hex } from "@shoal/chain";

/** What a funder decides; fixed from then on. */
export interface BountyTerms {
  /** 64 hex digits: BEP 52's root infohash, or BEP 3's infohash and 24 zeros. */
  readonly torrent: string;
  /** The most that one day pays. */
  readonly perDayWei: bigint;
  /** The most that one day pays to one seeder. */
  readonly perSeederWei: bigint;
  /** 1 to 200. */
  readonly maximumSeeders: number;
  /** Days since 1970. */
  readonly startDay: number;
  /** The day after the last one. */
  readonly endDay: number;
  readonly auditorsHash: Hex;
}

/** A bounty as it is. */
export interface Bounty extends BountyTerms {
  readonly id: bigint;
  readonly funder: Address;
  readonly potWei: bigint;
}

/** Who says which seeders were there: so many of these. */
export interface Auditors {
  /** Ascending. */
  readonly accounts: readonly Address[];
  readonly threshold: number;
}

/** Who was there on a day. */
export interface DayReport {
  readonly bountyId: bigint;
  /** Days since 1970. */
  readonly day: number;
  /** Ascending. */
  readonly seeders: readonly Address[];
}

/** A report that an auditor signed. */
export interface Attestation {
  readonly report: DayReport;
  readonly auditor: Address;
  readonly signature: CompactSignature;
}

/** What `SeedBounties` counts by, in seconds. */
export const DAY_SECONDS = 24 * 3600;

export { allocationAbi, allocationArtifact } from "./artifacts/allocation.ts";
export type { ContractArtifact } from "./compiler/contract-artifact.ts";
export { bandwidthChannelsAbi, bandwidthChannelsArtifact } from "./artifacts/bandwidth-channels.ts";
export { bttAbi, bttArtifact } from "./artifacts/btt.ts";
export { premiumPassAbi, premiumPassArtifact } from "./artifacts/premium-pass.ts";
export { saleAbi, saleArtifact } from "./artifacts/sale.ts";
export { seedBountiesAbi, seedBountiesArtifact } from "./artifacts/seed-bounties.ts";
export { seedRewardsAbi, seedRewardsArtifact } from "./artifacts/seed-rewards.ts";
export { vestingAbi, vestingArtifact } from "./artifacts/vesting.ts";
export { wrappedBttAbi, wrappedBttArtifact } from "./artifacts/wrapped-btt.ts";

/** The total supply of BTT in wei: 10,000,000,000 BTT of 18 decimals, minted once on its home network. */
export const BTT_TOTAL_SUPPLY_WEI = 10_000_000_000n * 10n ** 18n;

export { PayWireError } from "./errors.ts";
export { createAuctionPolicy, MIN_FREE_SLOTS } from "./auction/auction-policy.ts";
export { auditSeeder } from "./audit/audit-seeder.ts";
export { auditSeeders, findSellers, presentIn } from "./audit/audit-swarm.ts";
export { DEFAULT_AUDIT_TERMS } from "./audit/audit-terms.ts";
export type {
  AuditFailure,
  AuditInit,
  AuditTerms,
  Challenge,
  SeederAudit,
} from "./audit/audit-terms.ts";
export { Attestations } from "./bounties/attestations.ts";
export { BountiesContract } from "./bounties/bounties-contract.ts";
export { DAY_SECONDS } from "./bounties/bounty.ts";
export type { Attestation, Auditors, Bounty, BountyTerms, DayReport } from "./bounties/bounty.ts";
export { channelsOf, claimsOf, sumsOf } from "./desk/market.ts";
export type { Market, PayingPeer, SellingOffer, TradeSums } from "./desk/market.ts";
export { nameOnChain } from "./desk/name-on-chain.ts";
export type { TorrentOnChain } from "./desk/name-on-chain.ts";
export { openPaidPlace } from "./desk/paid-place.ts";
export type { PaidPlace } from "./desk/paid-place.ts";
export { openSessionKey } from "./desk/session-key.ts";
export type { SessionKey } from "./desk/session-key.ts";
export type { Settled } from "./desk/settling.ts";
export { Trading } from "./desk/trading.ts";
export type { TradingSession } from "./desk/trading.ts";
export { DEFAULT_BUDGET, DEFAULT_MIN_PRICE } from "./desk/trading-options.ts";
export type {
  BuyingOptions,
  SellingOptions,
  TradedTorrent,
  TradingEvents,
  TradingInit,
} from "./desk/trading-options.ts";
export { createAutoBidding, createFixedBidding } from "./buying/bidding.ts";
export type { Bidding, BidMarket, BidMeans } from "./buying/bidding.ts";
export { Buyer, MAX_SELLERS } from "./buying/buyer.ts";
export type { BuyerEvents, BuyerInit, BuyingPlan } from "./buying/buyer.ts";
export type { ChannelFunder, Funding } from "./buying/channel-funder.ts";
export { MemoryPurse } from "./buying/memory-purse.ts";
export type { BuyingPeer } from "./buying/buying-peer.ts";
export type { OwnChannel, Purse } from "./buying/purse.ts";
export type { ChannelId, ChannelKey, ChannelState } from "./channel/channel-key.ts";
export type { ChannelReader } from "./channel/channel-reader.ts";
export { PayChecks, PayeeSigner, SessionSigner } from "./channel/pay-crypto.ts";
export { PayDigests } from "./channel/pay-digests.ts";
export type { Claim, TorrentReceipt } from "./selling/claim.ts";
export { ClaimStore } from "./selling/claim-store.ts";
export type { StoredReceipt } from "./selling/claim-store.ts";
export type { Claims } from "./selling/claims.ts";
export { ChannelStore } from "./buying/channel-store.ts";
export type { OwnChannelState, StoredChannel } from "./buying/channel-store.ts";
export { Attributor } from "./settlement/attributor.ts";
export type { Attributed } from "./settlement/attributor.ts";
export { ChainFunder } from "./settlement/chain-funder.ts";
export { ChannelsContract } from "./settlement/channels-contract.ts";
export { Redeemer } from "./settlement/redeemer.ts";
export type { Redeemed } from "./settlement/redeemer.ts";
export { EPOCH_SECONDS } from "./rewards/channel-events.ts";
export type { AttributedEvent, EpochEvents, RedeemedEvent } from "./rewards/channel-events.ts";
export { distribute } from "./rewards/distribution.ts";
export type { Distribution, RewardSource } from "./rewards/distribution.ts";
export { computeRewards, newestEndedEpoch } from "./rewards/compute-rewards.ts";
export type { ComputedEpoch } from "./rewards/compute-rewards.ts";
export { ownRewards } from "./rewards/own-rewards.ts";
export type { OwnReward, RewardState } from "./rewards/own-rewards.ts";
export { RewardsContract } from "./rewards/rewards-contract.ts";
export type { Posted, ProvenShare } from "./rewards/rewards-contract.ts";
export { RewardLedger } from "./rewards/reward-ledger.ts";
export type { ClosedEpoch, Earning } from "./rewards/reward-ledger.ts";
export { ShareTree } from "./rewards/share-tree.ts";
export type { Share } from "./rewards/share-tree.ts";
export { Seller } from "./selling/seller.ts";
export {
  DEFAULT_CHALLENGE_SECONDS,
  DEFAULT_MAX_WINDOW_BYTES,
  type SellingTerms,
} from "./selling/selling-terms.ts";
export { Trade } from "./trade/trade.ts";
export { PAY_EXTENSION, PAY_VERSION } from "./wire/pay-message.ts";

import { toHex } from "@shoal/protocol";
import type { ChannelId, ChannelKey } from "../channel/channel-key.ts";
import type { PayChecks } from "../channel/pay-crypto.ts";
import type { Receipt, Voucher } from "../wire/pay-message.ts";
import type { Claims } from "./claims.ts";

/** A trade that this side has ended: what the payer said before it heard of it is still on its way. */
export interface EndedTrade {
  readonly id: ChannelId;
  readonly key: ChannelKey;
  /** Wei. */
  readonly capacity: bigint;
}

/** What is needed to take what comes late. */
export interface EndedTradeWorld {
  readonly checks: PayChecks;
  readonly claims: Claims;
  readonly inUse: ReadonlyMap<ChannelId, unknown>;
}

/** Keeps a voucher that crossed its trade's end: what it is worth was earned. Others are passed over. */
export function keepLateVoucher(world: EndedTradeWorld, ended: EndedTrade, voucher: Voucher): void {
  const { checks, claims, inUse } = world;
  const { id, key, capacity } = ended;
  const { total, r, vs } = voucher;
  const claim = claims.of(id, key);
  const gain = total - claim.total;
  if (gain <= 0n || total > capacity || !checks.isVoucher(id, total, key.signer, voucher)) return;
  // On another connection that uses the channel by now, its first voucher settles the debt.
  const debt = inUse.has(id) ? claim.debt : claim.debt > gain ? claim.debt - gain : 0n;
  claims.put({ ...claim, total, signature: { r, vs }, debt });
}

/** Keeps a receipt for a channel. @returns Whether its signature fits. */
export function keepReceipt(
  { checks, claims }: Pick<EndedTradeWorld, "checks" | "claims">,
  { id, key }: Pick<EndedTrade, "id" | "key">,
  { torrent, size, total, r, vs }: Receipt,
): boolean {
  const signature = { r, vs };
  if (!checks.isReceipt(id, { torrent, size, total }, key.signer, signature)) return false;
  claims.putReceipt({ channel: id, torrent: toHex(torrent), size, total, signature });
  return true;
}

import {
  balanceOf,
  isSameAsset,
  type KnownAddress,
  type Network,
  planSend,
  type RecipientWarning,
  type SendPlan,
} from "@shoal/chain";
import type { Answer, Input } from "@shoal/api";
import type { AddressView } from "./account-view.ts";
import { assetOn } from "./asset-on.ts";

/** What a payment would do, as it is shown before anybody signs. */
type ShownPayment = Omit<Answer<"planSend">, "planId" | "expiresAtMs">;

/**
 * Finds out what a payment would do, whoever will sign it.
 * @param known Whose addresses have been dealt with before; of an address that is there twice, the name counts.
 * @throws {ChainError}, {RevertError}.
 */
export async function planPayment(
  { network, address }: AddressView,
  wanted: Pick<Input<"planSend">, "asset" | "to" | "wei">,
  known: readonly KnownAddress[],
): Promise<{ readonly plan: SendPlan; readonly shown: ShownPayment }> {
  const asset = assetOn(network, wanted.asset);
  const to = network.parseAddress(wanted.to);
  const amount = BigInt(wanted.wei);
  const plan = await planSend(network, { from: address, to, asset, amount, known });
  const { prepared, denomination, warnings } = plan;
  const fee = isSameAsset(asset, { kind: "coin" }) ? prepared.expectedFee : 0n;
  const left = (await balanceOf(network, asset, address)) - amount - fee;
  const { coin } = network.info;
  const shown: ShownPayment = {
    from: network.formatAddress(address),
    to: network.formatAddress(to),
    toName: known.find((each) => each.address === to && each.name !== null)?.name ?? null,
    asset: wanted.asset,
    symbol: denomination.symbol,
    decimals: denomination.decimals,
    wei: String(amount),
    feeWei: String(prepared.expectedFee),
    maxFeeWei: String(prepared.maxFee),
    feeSymbol: coin.symbol,
    feeDecimals: coin.decimals,
    balanceAfterWei: String(left < 0n ? 0n : left),
    warnings: warnings.map((each) => describeWarning(network, each)),
  };
  return { plan, shown };
}

/** What somebody should know of a recipient, with whom one looks like. */
function describeWarning(
  network: Network,
  { code, message, isGrave, known }: RecipientWarning,
): ShownPayment["warnings"][number] {
  const twin =
    known === undefined
      ? null
      : { address: network.formatAddress(known.address), name: known.name };
  return { code, text: message, isGrave, known: twin };
}

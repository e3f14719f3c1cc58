import { formatAmount } from "../network/amount.ts";
import type { Address } from "../network/address.ts";
import type { Denomination } from "../network/network-info.ts";
import type { Network } from "../network/network.ts";
import { denominationOf } from "../network/token.ts";
import type { KnownAddress } from "./check-recipient.ts";
import type { Permit } from "./permits.ts";
import { isUnlimited, type SigningLine, type SigningWarning, visible } from "./signing-lines.ts";

/** How amounts of a token are written; null for a contract that does not say. */
export async function tokenAt(network: Network, address: Address): Promise<Denomination | null> {
  try {
    return await denominationOf(network, { kind: "token", address });
  } catch {
    return null;
  }
}

/** An amount of a token; bare units where nobody says how they are written. */
export function showAmount(amount: bigint, token: Denomination | null): string {
  if (token === null) return `${amount} units`;
  const text = `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  return isUnlimited(amount) ? `all ${token.symbol} (${text})` : text;
}

/** An address, and whose it is where that is known. */
export function showAddress(
  network: Network,
  address: Address,
  known: readonly KnownAddress[],
): string {
  const name = known.find((each) => each.address === address)?.name ?? null;
  const text = network.formatAddress(address);
  return name === null ? text : `${text} (${visible(name)})`;
}

/** What a leave to spend means. */
export function warnOfLeave(
  amount: bigint,
  token: Denomination | null,
  spender: string,
): SigningWarning {
  if (isUnlimited(amount)) {
    const all = token === null ? "all of these tokens" : `all your ${token.symbol}`;
    const message = `${spender} could take ${all} at any time, also what comes later, without asking again.`;
    return { code: "unlimited", isGrave: true, message };
  }
  const message = `${spender} could take ${showAmount(amount, token)} from you without asking again.`;
  return { code: "leave-to-spend", isGrave: false, message };
}

/** Says in the tokens' own units who could take what of the signer's. */
export async function describePermits(
  network: Network,
  permits: readonly Permit[],
  known: readonly KnownAddress[],
): Promise<{
  readonly lines: readonly SigningLine[];
  readonly warnings: readonly SigningWarning[];
}> {
  const lines: SigningLine[] = [];
  const warnings: SigningWarning[] = [];
  for (const { token, spender, amount, deadline } of permits) {
    const denomination = await tokenAt(network, token);
    const who = showAddress(network, spender, known);
    const symbol = denomination === null ? "" : ` (${denomination.symbol})`;
    lines.push(
      { label: "token", value: network.formatAddress(token) + symbol },
      { label: "spender", value: who },
      { label: "amount", value: showAmount(amount, denomination) },
      { label: "deadline", value: showDate(deadline) },
    );
    if (amount > 0n) warnings.push(warnOfLeave(amount, denomination, who));
  }
  return { lines, warnings };
}

/** Beyond this, dates mean that there is none: the year 9999. */
const LAST_DATE_S = 253_402_300_799n;

function showDate(seconds: bigint): string {
  return seconds > LAST_DATE_S ? "never ends" : new Date(Number(seconds) * 1000).toISOString();
}

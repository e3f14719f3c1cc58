import { ChainError } from "../errors.ts";
import { type Address, ZERO_ADDRESS } from "../network/address.ts";
import type { Asset } from "../network/network-info.ts";
import type { Network } from "../network/network.ts";

/** What somebody should know before he sends. */
export interface RecipientWarning {
  readonly code: "first-time" | "look-alike" | "contract" | "self";
  readonly message: string;
  /** Not to be waved through with everything else: it has to be confirmed by itself. */
  readonly isGrave: boolean;
  /** Whom a look-alike looks like. */
  readonly known?: KnownAddress;
}

/** An address that was dealt with before, and what it is called. */
export interface KnownAddress {
  readonly address: Address;
  /** A contact's name; null for somebody who only was paid before. */
  readonly name: string | null;
}

/**
 * Digits at both ends by which people compare addresses. Whoever plants look-alikes in a history makes as many fit as
 * people look at; six of them take a minute of a graphics card.
 */
const COMPARED_DIGITS = 3;

/**
 * Looks at whom something is to be sent to: the token's own contract and the zero address are refused, since what is
 * sent there is lost; contracts, strangers, and strangers that look like somebody known are warned of.
 * @param known Contacts and those that were paid before.
 * @throws {ChainError} `refused`.
 */
export async function checkRecipient(
  network: Network,
  from: Address,
  to: Address,
  asset: Asset,
  known: readonly KnownAddress[],
): Promise<RecipientWarning[]> {
  if (to === ZERO_ADDRESS) {
    throw new ChainError("refused", "Nobody has the zero address: what is sent there is lost.");
  }
  const tokens = [asset, network.info.btt?.asset].filter((each) => each?.kind === "token");
  if (tokens.some((token) => token?.kind === "token" && token.address === to)) {
    throw new ChainError(
      "refused",
      "That is the token's own contract: what is sent there is lost. Give the address of who shall have it.",
    );
  }
  const warnings: RecipientWarning[] = [];
  if (to === from) {
    warnings.push({ code: "self", isGrave: false, message: "That is this account itself." });
    return warnings;
  }
  if (!known.some(({ address }) => address === to)) {
    const twin = findTwin(network, to, known);
    if (twin === null) {
      const message = "Nothing was sent to this address before: compare all of it with its source.";
      warnings.push({ code: "first-time", isGrave: false, message });
    } else {
      const name = twin.name === null ? "one that was paid before" : `that of ${twin.name}`;
      warnings.push({
        code: "look-alike",
        isGrave: true,
        known: twin,
        message:
          `This address looks like ${name}, ${network.formatAddress(twin.address)}, and is another. ` +
          "Somebody may have planted it to be copied by mistake.",
      });
    }
  }
  if (await network.isContract(to)) {
    const message = "That is a contract: unless it is made for it, what is sent there is lost.";
    warnings.push({ code: "contract", isGrave: true, message });
  }
  return warnings;
}

/** Somebody known whose address begins and ends alike, as people see it. */
function findTwin(
  network: Network,
  address: Address,
  known: readonly KnownAddress[],
): KnownAddress | null {
  const ends = endsOf(network, address);
  return known.find((each) => endsOf(network, each.address) === ends) ?? null;
}

function endsOf(network: Network, address: Address): string {
  // What every address of a kind of network begins with tells nothing: 0x, or T.
  const text = network
    .formatAddress(address)
    .replace(/^(0x|T)/, "")
    .toLowerCase();
  return text.slice(0, COMPARED_DIGITS) + text.slice(-COMPARED_DIGITS);
}

import type { Network, RecipientWarning } from "@shoal/chain";
import type { Answer } from "@shoal/api";

/** What somebody should know of a recipient, with whom one looks like. */
export function describeWarning(
  network: Network,
  { code, message, isGrave, known }: RecipientWarning,
): Answer<"planSend">["warnings"][number] {
  const twin =
    known === undefined
      ? null
      : { address: network.formatAddress(known.address), name: known.name };
  return { code, text: message, isGrave, known: twin };
}

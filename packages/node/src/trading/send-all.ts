import { ChainError, type Intent, type Signer } from "@shoal/chain";
import type { OpenedNetwork } from "../wallet/networks.ts";

/**
 * Sends one transaction after another, each once the one before is final.
 * @returns them as this network writes them.
 * @throws {ChainError} `reverted` when one failed in its block: those after it are not sent.
 */
export async function sendAll(
  { network, sender }: OpenedNetwork,
  signer: Signer,
  intents: readonly Intent[],
  signal: AbortSignal,
): Promise<string[]> {
  const transactions: string[] = [];
  for (const intent of intents) {
    const { id } = await sender.send(intent, signer);
    const shown = network.formatTransactionId(id);
    const status = await sender.waitFor(id, { until: "final", signal });
    if (status?.receipt.isSuccess !== true) {
      throw new ChainError("reverted", `Transaction ${shown} did not do what it should.`);
    }
    transactions.push(shown);
  }
  return transactions;
}

import { ChainError, type Intent, type Signer, UnlockedWallet } from "@shoal/chain";
import type { CommandContext } from "../commands/context.ts";
import { askConsent } from "../process/ask-consent.ts";
import type { OpenedAccount, WalletOptions } from "../wallet/open-wallet.ts";
import { readSecret } from "../wallet/secrets.ts";

/** Options of commands that sign. */
export interface SigningFlags extends WalletOptions {
  readonly yes?: boolean;
}

/** Unlocks the account for as long as `use` takes. */
export async function withSigner<T>(
  { file, account, network }: OpenedAccount,
  flags: SigningFlags,
  use: (signer: Signer) => Promise<T>,
): Promise<T> {
  const password = await readSecret("the password", "--password-file", flags.passwordFile);
  const unlocked = await UnlockedWallet.unlock(file, password);
  try {
    return await use(await unlocked.signer(account, network.info.slip44));
  } finally {
    unlocked.lock();
  }
}

/**
 * Says what is about to be sent, asks, and sends one after another, each once the one before is final.
 * @returns the transactions as this network writes them.
 * @throws {ChainError} also when one failed in its block: those after it are not sent.
 */
export async function signAndSend(
  opened: OpenedAccount,
  intents: readonly Intent[],
  flags: SigningFlags,
  context: CommandContext,
): Promise<string[]> {
  const { network, sender } = opened;
  const lines = intents.map((intent) => (intent.kind === "call" ? intent.summary : null) ?? "send");
  const where = `on ${network.info.title}`;
  await askConsent(context, [...lines, where], { isGranted: flags.yes === true, word: null });
  return await withSigner(opened, flags, async (signer) => {
    const transactions: string[] = [];
    for (const intent of intents) {
      const { id } = await sender.send(intent, signer);
      const shown = network.formatTransactionId(id);
      context.output.note(`sent: ${shown}`);
      const status = await sender.waitFor(id, { until: "final", signal: context.signal });
      if (status?.receipt.isSuccess !== true) {
        throw new ChainError("reverted", `Transaction ${shown} did not do what it should.`);
      }
      transactions.push(shown);
    }
    return transactions;
  });
}

import type { Signer } from "@shoal/chain";
import type { AccountView } from "./account-view.ts";
import type { Wallets } from "./wallets.ts";

/**
 * Has somebody sign for an account.
 * @param password Unlocks for this alone; absent where the wallet is unlocked.
 * @throws {AccountError} `locked`, `wrong-password`; {NodeError} `too-many-requests`; what `use` throws.
 */
export async function withSigner<T>(
  wallets: Wallets,
  { file, account, network }: Pick<AccountView, "file" | "account" | "network">,
  password: string | undefined,
  use: (signer: Signer) => Promise<T>,
): Promise<T> {
  const { slip44 } = network.info;
  if (password !== undefined) {
    return await wallets.withPassword(file.name, password, account, slip44, use);
  }
  return await use(await wallets.signer(file.name, account, slip44));
}

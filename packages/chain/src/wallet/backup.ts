import { AccountError } from "../errors.ts";
import { decryptSecret, type EncryptedSecret, encryptSecret } from "../accounts/keystore.ts";
import { assertPassword, type KeyMaking, UnlockedWallet } from "../accounts/wallet-keys.ts";
import { parseWalletFile, type WalletFile } from "../accounts/wallet-file.ts";

/** A whole wallet in one file: keys, labels and contacts, of which nothing can be read without the password. */
export interface WalletBackup {
  readonly shoalBackup: 1;
  readonly crypto: EncryptedSecret;
}

/**
 * Packs a wallet up. Its keys stay under the wallet's password inside; the same one opens the backup.
 * @throws {AccountError} `wrong-password`: a backup that nobody could open is not made.
 */
export async function makeBackup(
  file: WalletFile,
  password: string,
  { random, cost }: KeyMaking,
): Promise<WalletBackup> {
  assertPassword(password);
  (await UnlockedWallet.unlock(file, password)).lock();
  const bytes = Buffer.from(JSON.stringify(file));
  return { shoalBackup: 1, crypto: await encryptSecret(bytes, password, random, cost) };
}

/**
 * Unpacks a backup, and makes sure that its keys can be used.
 * @throws {AccountError} `bad-key-file`, `wrong-password`, `tampered`.
 */
export async function openBackup(text: string, password: string): Promise<WalletFile> {
  let backup: Partial<WalletBackup>;
  try {
    backup = JSON.parse(text) as Partial<WalletBackup>;
  } catch {
    throw new AccountError("bad-key-file", "This file is no backup: it is not JSON.");
  }
  if (backup?.shoalBackup !== 1) {
    throw new AccountError("bad-key-file", "This file is no backup of a wallet of Shoal.");
  }
  const file = parseWalletFile(
    Buffer.from(await decryptSecret(backup.crypto, password)).toString("utf8"),
  );
  (await UnlockedWallet.unlock(file, password)).lock();
  return file;
}

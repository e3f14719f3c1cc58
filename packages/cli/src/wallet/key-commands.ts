import { readFile } from "node:fs/promises";
import {
  AccountError,
  type AccountRecord,
  addressOf,
  addressTextOf,
  decryptKey,
  drawMnemonic,
  EVM_COIN,
  makeBackup,
  makeKeyWallet,
  makeWallet,
  openBackup,
  parseMnemonic,
  parsePrivateKey,
  TRON_COIN,
  UnlockedWallet,
  type WalletFile,
} from "@shoal/chain";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { toFileError } from "../process/file-error.ts";
import { accountOf, openWallets } from "./open-wallet.ts";
import { readSecret, writeSecretFile } from "./secrets.ts";

export interface KeyOptions extends CommonOptions {
  readonly name: string;
  readonly passwordFile?: string;
}

export interface RestoreOptions extends KeyOptions {
  readonly mnemonicFile?: string;
  readonly backup?: string;
}

export interface ImportOptions extends KeyOptions {
  readonly keyFile?: string;
  readonly keyPasswordFile?: string;
  readonly label: string;
}

export interface ExportOptions extends KeyOptions {
  readonly account: number;
  readonly output: string;
  readonly as: "words" | "key" | "keystore";
  readonly coin: "evm" | "tron";
  readonly exportPasswordFile?: string;
}

/** `shoal wallet create`. */
export async function runWalletCreate(
  options: KeyOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const password = await newPassword(options);
  const making = await keyMaking();
  const mnemonic = drawMnemonic(making.random);
  const file = await makeWallet(options.name, mnemonic, password, making);
  await openWallets(context).create(file);
  context.output.note(
    `Its words are what brings it back when this machine is lost. Write them down: shoal wallet export --name ${options.name} --as words --output FILE`,
  );
  return report(file, context);
}

/** `shoal wallet restore`. */
export async function runWalletRestore(
  options: RestoreOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { backup, mnemonicFile, name } = options;
  const making = await keyMaking();
  if (backup !== undefined) {
    const text = await readText(backup);
    const password = await readSecret(
      "the backup's password",
      "--password-file",
      options.passwordFile,
    );
    const file = { ...(await openBackup(text, password)), name };
    await openWallets(context).create(file);
    return report(file, context);
  }
  if (mnemonicFile === "-" && options.passwordFile === "-") {
    throw new CliError("usage", "stdin can bring the words or the password, not both");
  }
  const words = await readSecret("the words", "--mnemonic-file", mnemonicFile, { isWhole: true });
  const mnemonic = parseMnemonic(words);
  const file = await makeWallet(name, mnemonic, await newPassword(options), making);
  await openWallets(context).create(file);
  return report(file, context);
}

/** `shoal wallet import`: a private key, or a key file of another wallet. */
export async function runWalletImport(
  options: ImportOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const text = await readSecret("the private key", "--key-file", options.keyFile, {
    isWhole: true,
  });
  const key = text.startsWith("{")
    ? await decryptKey(
        parseJson(text),
        await readSecret("the key file's password", "--key-password-file", options.keyPasswordFile),
      )
    : parsePrivateKey(text);
  const wallets = openWallets(context);
  const making = await keyMaking();
  const { name, label } = options;
  if (!(await wallets.list()).includes(name)) {
    const file = await makeKeyWallet(name, key, await newPassword(options), making);
    await wallets.create(file);
    return report(file, context);
  }
  const file = await wallets.read(name);
  const unlocked = await unlock(file, options);
  const account = await unlocked.importKey(key, label, making);
  unlocked.lock();
  if (file.accounts.some((each) => addressOf(each, EVM_COIN) === addressOf(account, EVM_COIN))) {
    throw new AccountError("exists", `Wallet ${name} has this key already.`);
  }
  const changed = { ...file, accounts: [...file.accounts, account] };
  await wallets.write(changed);
  return report(changed, context);
}

/** `shoal wallet export`: into a file of its owner's alone, never onto the screen. */
export async function runWalletExport(
  options: ExportOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const file = await openWallets(context).read(options.name);
  const account = accountOf(file, options.account);
  const unlocked = await unlock(file, options);
  const coin = options.coin === "tron" ? TRON_COIN : EVM_COIN;
  try {
    await writeSecretFile(options.output, await secretOf(unlocked, account, coin, options));
  } finally {
    unlocked.lock();
  }
  const what = { words: "the words", key: "the private key", keystore: "the key, encrypted" };
  context.output.note(
    `${what[options.as]} of ${options.name} in ${options.output}: whoever reads it can spend`,
  );
  context.output.result({ name: options.name, as: options.as, output: options.output });
  return EXIT.ok;
}

async function secretOf(
  unlocked: UnlockedWallet,
  account: AccountRecord,
  coin: number,
  options: ExportOptions,
): Promise<string> {
  if (options.as === "words") {
    const mnemonic = unlocked.revealMnemonic();
    if (mnemonic !== null) return mnemonic;
    throw new AccountError("not-found", "This wallet has no words: its keys were imported.");
  }
  if (options.as === "key") {
    const key = await unlocked.revealKey(account, coin);
    return `0x${Buffer.from(key).toString("hex")}`;
  }
  const path = options.exportPasswordFile ?? options.passwordFile;
  const password = await readSecret("the file's password", "--export-password-file", path);
  return JSON.stringify(await unlocked.exportKey(account, coin, password, await keyMaking()));
}

/** `shoal wallet backup`. */
export async function runWalletBackup(
  options: KeyOptions & { readonly output: string },
  context: CommandContext,
): Promise<ExitCode> {
  const file = await openWallets(context).read(options.name);
  const password = await readSecret("the password", "--password-file", options.passwordFile);
  const backup = await makeBackup(file, password, await keyMaking());
  await writeSecretFile(options.output, JSON.stringify(backup));
  context.output.note(`wallet ${options.name} is in ${options.output}, under its password`);
  context.output.result({ name: options.name, output: options.output });
  return EXIT.ok;
}

/** `shoal wallet accounts`: lists them, or derives one more. */
export async function runWalletAccounts(
  options: KeyOptions & { readonly new?: string | true; readonly all?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const wallets = openWallets(context);
  if (options.all === true) {
    const names = await wallets.list();
    for (const name of names) context.output.data(name);
    context.output.result({ wallets: names });
    return EXIT.ok;
  }
  const file = await wallets.read(options.name);
  if (options.new === undefined) return report(file, context);
  const unlocked = await unlock(file, options);
  const label = options.new === true ? "" : options.new;
  const changed = { ...file, accounts: [...file.accounts, unlocked.deriveNext(label)] };
  unlocked.lock();
  await wallets.write(changed);
  return report(changed, context);
}

async function unlock(file: WalletFile, options: KeyOptions): Promise<UnlockedWallet> {
  const password = await readSecret("the password", "--password-file", options.passwordFile);
  return await UnlockedWallet.unlock(file, password);
}

function newPassword({ passwordFile }: KeyOptions): Promise<string> {
  return readSecret("a password", "--password-file", passwordFile, { isNew: true });
}

async function keyMaking() {
  const { random, clock } = await createNodeRuntime();
  return { random, nowMs: clock.nowMs() };
}

function report(file: WalletFile, { output }: CommandContext): ExitCode {
  const accounts = file.accounts.map((account, number) => ({
    number,
    label: account.label,
    kind: account.kind,
    address: addressTextOf(account, EVM_COIN),
    tron: addressTextOf(account, TRON_COIN),
  }));
  for (const { number, label, address, tron } of accounts) {
    output.data(`${number}  ${address}  ${tron}${label === "" ? "" : `  ${label}`}`);
  }
  const { address } = accounts[0]!;
  output.result({ name: file.name, address, accounts });
  return EXIT.ok;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw toFileError(error, "read", path);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new AccountError("bad-key-file", "This file holds no key: it is not JSON.");
  }
}

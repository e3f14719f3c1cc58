import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  AccountError,
  listNetworks,
  planMessage,
  planTypedData,
  SessionKeys,
  signPlanned,
  UnlockedWallet,
} from "@shoal/chain";
import { openPrivateFolder } from "@shoal/runtime/node";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";
import { toFileError } from "../process/file-error.ts";
import { askConsent } from "../process/ask-consent.ts";
import {
  openWallets,
  type NetworkOptions,
  type WalletOptions,
  withAccount,
  withNetwork,
} from "./open-wallet.ts";
import { readSecret } from "./secrets.ts";

/** `shoal wallet sign`. */
export async function runSign(
  text: string | undefined,
  options: WalletOptions & {
    readonly typedData?: string;
    readonly file?: string;
    readonly yes?: boolean;
  },
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, options, async ({ network, file, account, address }) => {
    const { typedData, file: path } = options;
    if ([text, typedData, path].filter((each) => each !== undefined).length !== 1) {
      throw new CliError("usage", "what is to be signed: a text, --file FILE or --typed-data FILE");
    }
    const plan =
      typedData === undefined
        ? planMessage(text ?? (await readText(path!)), network.info)
        : planTypedData(await readText(typedData), network.info);
    const isGranted = options.yes === true;
    await askConsent(context, plan.description, { isGranted, word: null });
    const password = await readSecret("the password", "--password-file", options.passwordFile);
    const unlocked = await UnlockedWallet.unlock(file, password);
    try {
      const signer = await unlocked.signer(account, network.info.slip44);
      const signature = await signPlanned(plan, signer);
      context.output.data(signature);
      context.output.result({
        address: network.formatAddress(address),
        signature,
        digest: plan.digest,
      });
      return EXIT.ok;
    } finally {
      unlocked.lock();
    }
  });
}

/** `shoal wallet contacts`. */
export async function runContacts(
  action: string,
  name: string | undefined,
  addressText: string | undefined,
  options: NetworkOptions & { readonly name: string },
  context: CommandContext,
): Promise<ExitCode> {
  const wallets = openWallets(context);
  const file = await wallets.read(options.name);
  const { output } = context;
  if (action === "list") {
    for (const contact of file.contacts) {
      output.data(
        `${contact.name}  ${contact.address}${contact.network === null ? "" : `  ${contact.network}`}`,
      );
    }
    output.result({ contacts: file.contacts });
    return EXIT.ok;
  }
  if (name === undefined || !/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(name)) {
    throw new CliError("usage", "a contact has a name of letters and digits, 64 at the most");
  }
  const others = file.contacts.filter((contact) => contact.name !== name);
  if (action === "remove") {
    if (others.length === file.contacts.length) {
      throw new AccountError("not-found", `There is no contact ${name}.`);
    }
    await wallets.write({ ...file, contacts: others });
    return EXIT.ok;
  }
  if (action !== "add" || addressText === undefined) {
    throw new CliError(
      "usage",
      "contacts list, contacts add NAME ADDRESS, or contacts remove NAME",
    );
  }
  if (others.length < file.contacts.length) {
    throw new AccountError("exists", `There is a contact ${name} already: remove it first.`);
  }
  await withNetwork(context, options, async ({ network }) => {
    const address = network.parseAddress(addressText);
    const contact = { name, address, network: network.info.name };
    await wallets.write({ ...file, contacts: [...file.contacts, contact] });
    output.data(`${name}  ${network.formatAddress(address)}`);
    output.result({ name, address: network.formatAddress(address), network: network.info.name });
  });
  return EXIT.ok;
}

/** `shoal wallet lock`: ends every session of this device. */
export async function runLock(_options: CommonOptions, context: CommandContext): Promise<ExitCode> {
  const runtime = await openRuntime(context, { keepsState: true });
  try {
    const { state } = findShoalFolders(context.env, process.platform, homedir());
    const folder = openPrivateFolder(join(state, "device"));
    const keys = await SessionKeys.open({ ...runtime, folder });
    const ended = (await keys.list()).filter(({ isRevoked }) => !isRevoked).length;
    await keys.lock();
    context.output.note("nothing is signed on this device from here on without a password");
    context.output.result({ ended });
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
}

/** `shoal wallet networks`. */
export async function runNetworks(
  _options: CommonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const networks = listNetworks();
  for (const { name, title } of networks) output.data(`${name.padEnd(14)} ${title}`);
  output.result({ networks });
  return EXIT.ok;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw toFileError(error, "read", path);
  }
}

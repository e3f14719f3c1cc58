import { SCOPES, type Scope } from "@shoal/api/client";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { toPlainText } from "../output/format.ts";
import { readSecret, writeSecretFile } from "../wallet/secrets.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { withDaemon } from "./with-daemon.ts";

export interface PasswordOptions extends DaemonOptions {
  readonly passwordFile?: string;
}

export interface CreateKeyOptions extends DaemonOptions {
  readonly scopes: readonly Scope[];
  readonly output?: string;
}

/** `shoal password`: the first, or another; the socket's owner needs not know the old one. */
export async function runPassword(
  options: PasswordOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const from = options.passwordFile;
  const password = await readSecret("a new password", "--password-file", from, { isNew: true });
  return await withDaemon(context, options, async ({ client }) => {
    await client.call("setPassword", { password });
    context.output.note("the password is set, and every browser has to sign in with it");
    context.output.result({ isSet: true });
    return EXIT.ok;
  });
}

/** `shoal keys list`. */
export async function runKeys(options: DaemonOptions, context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  return await withDaemon(context, options, async ({ client }) => {
    const { keys } = await client.call("listKeys");
    for (const { id, name, scopes, lastUsedAtMs } of keys) {
      const used =
        lastUsedAtMs === null ? "never used" : `used ${new Date(lastUsedAtMs).toISOString()}`;
      output.data(`${id}  ${scopes.join(",")}  ${used}  ${toPlainText(name)}`);
    }
    output.result({ keys });
    return EXIT.ok;
  });
}

/** `shoal keys create`. The secret goes to stdout, or into a file of its owner's alone. */
export async function runCreateKey(
  name: string,
  options: CreateKeyOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDaemon(context, options, async ({ client }) => {
    const { secret, ...key } = await client.call("createKey", {
      name,
      scopes: [...options.scopes],
    });
    if (options.output === undefined) {
      output.data(secret);
      output.note("this is shown once");
      output.result({ ...key, secret });
      return EXIT.ok;
    }
    try {
      await writeSecretFile(options.output, secret);
    } catch (error) {
      // Nobody has it: it would stand in the list for nothing.
      await client.call("revokeKey", { id: key.id });
      throw error;
    }
    output.note(`the key is in ${options.output}`);
    output.result({ ...key, path: options.output });
    return EXIT.ok;
  });
}

/** `shoal keys revoke`. */
export async function runRevokeKey(
  id: string,
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(context, options, async ({ client }) => {
    await client.call("revokeKey", { id });
    context.output.note(`${id} opens nothing any more`);
    context.output.result({ id });
    return EXIT.ok;
  });
}

/** `read,torrents` and the like. @throws {CliError} `usage`. */
export function parseScopes(text: string): readonly Scope[] {
  return text.split(",").map((word) => {
    const scope = SCOPES.find((each) => each === word);
    if (scope !== undefined) return scope;
    throw new CliError("usage", `${word} is no scope: expected some of ${SCOPES.join(", ")}`);
  });
}

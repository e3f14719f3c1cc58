import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes } from "../output/format.ts";
import { openRuntime } from "../process/open-runtime.ts";
import type { CommandContext } from "./context.ts";
import { openTrackerAccounts } from "./tracker.ts";

/**
 * Makes, removes and lists the accounts of a private tracker, which takes changes in within seconds.
 * @throws {CliError} `usage` when the action and the name do not fit.
 */
export async function runTrackerAccount(
  action: string,
  name: string | undefined,
  context: CommandContext,
): Promise<ExitCode> {
  assertAction(action, name);
  const { output } = context;
  const runtime = await openRuntime(context, { keepsState: true });
  try {
    const accounts = await openTrackerAccounts(runtime, { interval: 1800 });
    try {
      if (action === "list") {
        const list = accounts.list();
        for (const { name, uploadedBytes, downloadedBytes } of list) {
          const moved = `${formatBytes(uploadedBytes)} up  ${formatBytes(downloadedBytes)} down`;
          output.data(`${name}  ${moved}`);
        }
        output.result({ accounts: list });
        return EXIT.ok;
      }
      if (action === "remove") {
        await accounts.remove(name!);
        output.note(`${name} is no longer served`);
        output.result({ removed: name });
        return EXIT.ok;
      }
      const passkey = await accounts.add(name!);
      output.data(passkey);
      output.note("Shown this once. Announce addresses: http://HOST:PORT/PASSKEY/announce");
      output.result({ name, passkey });
      return EXIT.ok;
    } finally {
      await accounts.close();
    }
  } finally {
    await runtime.close();
  }
}

function assertAction(action: string, name: string | undefined): void {
  if (action === "list" && name === undefined) return;
  if ((action !== "add" && action !== "remove") || name === undefined) {
    throw new CliError("usage", "expected add NAME, remove NAME or list");
  }
  if (!/^[\w.@-]{1,64}$/.test(name)) {
    throw new CliError("usage", "a name has 1 to 64 letters, digits, or any of . _ @ -");
  }
}

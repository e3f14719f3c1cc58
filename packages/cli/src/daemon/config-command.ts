import type { Answer, Settings, SettingsChange } from "@shoal/api/client";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { withDaemon } from "./with-daemon.ts";

/** Prints the settings, or one of them, or sets one. */
export async function runConfig(
  name: string | undefined,
  value: string | undefined,
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDaemon(
    context,
    options,
    async ({ client }) => {
      const found = await client.call("getSettings");
      if (value !== undefined) {
        const change = changeOf(found.settings, name!, value);
        const changed = await client.call("changeSettings", change);
        show(changed, name!, context);
        if (changed.waitingForRestart.includes(name!)) {
          output.note("it takes effect when the daemon is started again");
        }
        return EXIT.ok;
      }
      if (name !== undefined) {
        show(found, name, context);
        return EXIT.ok;
      }
      for (const [setting, current] of settingsOf(found.settings)) {
        output.data(`${setting} = ${JSON.stringify(current)}`);
      }
      output.result(found);
      return EXIT.ok;
    },
    { worksAlone: true },
  );
}

function show(
  { settings, waitingForRestart }: Answer<"getSettings">,
  name: string,
  { output }: CommandContext,
): void {
  const value = valueOf(settings, name);
  output.data(typeof value === "string" ? value : JSON.stringify(value));
  output.result({ name, value, waitsForRestart: waitingForRestart.includes(name) });
}

/** Such as `["speed.uploadLimit", null]`. */
function settingsOf(settings: Settings): [string, unknown][] {
  return Object.entries(settings).flatMap(([section, fields]) =>
    Object.entries(fields).map(([name, value]): [string, unknown] => [`${section}.${name}`, value]),
  );
}

function valueOf(settings: Settings, name: string): unknown {
  const found = settingsOf(settings).find(([each]) => each === name);
  if (found !== undefined) return found[1];
  throw new CliError("not-found", `there is no setting ${name}: shoal config lists them`);
}

/** What is JSON is taken as JSON, and everything else as text: `true`, `5`, `null`, `["a"]`, `/srv/files`. */
function changeOf(settings: Settings, name: string, text: string): SettingsChange {
  const current = valueOf(settings, name);
  let value: unknown = text;
  try {
    // Amounts are strings of digits.
    if (typeof current !== "string" || !/^\d+$/.test(text)) value = JSON.parse(text);
  } catch {}
  const [section = "", field = ""] = name.split(".");
  return { [section]: { [field]: value } };
}

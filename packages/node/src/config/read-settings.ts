import { settings, type Settings } from "@shoal/api";
import { parseProxyUrl } from "@shoal/runtime";
import { ConfigError } from "../errors.ts";
import { JsonError, parseJson, type PlacedJson } from "./parse-json.ts";

/** What a settings file holds: sections with those settings that somebody has set. */
export type SettingsDocument = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Reads a settings file: JSON, an object of sections. An empty file sets nothing.
 * @param path For messages.
 * @throws {ConfigError} that names the line.
 */
export function readDocument(text: string, path: string): SettingsDocument {
  const json = parseFile(text, path);
  checkSettings(json.value, (at, message) => `${path}, line ${json.lineOf(at)}: ${message}`);
  return json.value as SettingsDocument;
}

function parseFile(text: string, path: string): PlacedJson {
  if (text.trim() === "") return { value: {}, lineOf: () => 1 };
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ConfigError(`${path}, line ${error.line}: ${error.message}`, { cause: error });
  }
}

/**
 * @param describe Puts a problem, and the place of the setting concerned, into words.
 * @returns All settings, with defaults where the value says nothing.
 * @throws {ConfigError} with all that is wrong, a line each.
 */
export function checkSettings(
  value: unknown,
  describe: (path: readonly PropertyKey[], message: string) => string = (_, message) => message,
): Settings {
  const read = settings.safeParse(value);
  if (!read.success) {
    const problems = read.error.issues.flatMap((issue) => {
      // What is unknown is told where it stands, not where it would have to be known.
      const paths =
        issue.code === "unrecognized_keys"
          ? issue.keys.map((key) => [...issue.path, key])
          : [issue.path];
      return paths.map((path) => {
        const text =
          issue.code === "unrecognized_keys" ? "There is no such setting." : issue.message;
        return describe(path, `${path.map(String).join(".") || "the whole"}: ${text}`);
      });
    });
    throw new ConfigError(problems.join("\n"));
  }
  const { proxy } = read.data.network;
  if (proxy !== null) {
    try {
      parseProxyUrl(proxy);
    } catch (cause) {
      const text = `network.proxy: ${(cause as Error).message}`;
      throw new ConfigError(describe(["network", "proxy"], text), { cause });
    }
  }
  return read.data;
}

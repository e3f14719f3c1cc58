import { listSettings, type Settings, type SettingsChange } from "@shoal/api";
import type { Log, PrivateFolder } from "@shoal/runtime";
import { checkSettings, readDocument, type SettingsDocument } from "./read-settings.ts";

/** The file within the folder of the configuration. */
export const SETTINGS_FILE = "settings.json";

/** Told what holds now, and what held before. */
export type SettingsListener = (now: Settings, before: Settings) => void;

/**
 * The daemon's settings: those of a file that people may edit, with defaults for what it leaves out, and over both what
 * this run was started with. A change is on disk before it holds.
 */
export class Configuration {
  readonly #folder: PrivateFolder;
  readonly #overrides: SettingsChange;
  readonly #log: Log;
  readonly #started: Settings;
  readonly #listeners = new Set<SettingsListener>();
  #current: Settings;
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(init: {
    folder: PrivateFolder;
    overrides: SettingsChange;
    log: Log;
    current: Settings;
  }) {
    this.#folder = init.folder;
    this.#overrides = init.overrides;
    this.#log = init.log;
    this.#current = this.#started = init.current;
  }

  /**
   * @param overrides Hold for this run, whatever the file says, and are not written into it.
   * @throws {ConfigError} when the file cannot be used; {DiskError} when it cannot be read.
   */
  static async open(init: {
    readonly folder: PrivateFolder;
    readonly overrides?: SettingsChange;
    readonly log: Log;
  }): Promise<Configuration> {
    const { folder, overrides = {}, log } = init;
    const document = await readFile(folder);
    return new Configuration({
      folder,
      overrides,
      log,
      current: checkSettings(merge(document, overrides)),
    });
  }

  /** What holds now; of what needs a restart, what will hold after it. */
  get current(): Settings {
    return this.#current;
  }

  /** Settings, such as `web.port`, that have changed and take effect at the next start only. */
  get waitingForRestart(): readonly string[] {
    return listSettings()
      .filter(({ section, name, restart }) => {
        if (restart !== true) return false;
        const [before, now] = [this.#started, this.#current].map((each) =>
          valueOf(each, section, name),
        );
        return JSON.stringify(before) !== JSON.stringify(now);
      })
      .map(({ section, name }) => `${section}.${name}`);
  }

  /**
   * Changes some settings, in the file as it is now: what was edited there meanwhile holds too.
   * @throws {ConfigError} when a value, or the file, cannot be used; {DiskError}. Nothing has changed then.
   */
  async change(change: SettingsChange): Promise<Settings> {
    const turn = this.#changing.then(async () => {
      const document = merge(await readFile(this.#folder), change);
      checkSettings(document);
      const now = checkSettings(merge(document, this.#overrides));
      await this.#folder.write(
        SETTINGS_FILE,
        Buffer.from(`${JSON.stringify(document, null, 2)}\n`),
      );
      this.#apply(now);
      return now;
    });
    this.#changing = turn.catch(() => {});
    return await turn;
  }

  /** Calls `listener` after each change. @returns A function that removes it. */
  on(listener: SettingsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply(now: Settings): void {
    const before = this.#current;
    this.#current = now;
    for (const listener of this.#listeners) {
      try {
        listener(now, before);
      } catch (error) {
        this.#log.error("a changed setting could not be applied", { error });
      }
    }
  }
}

async function readFile(folder: PrivateFolder): Promise<SettingsDocument> {
  const bytes = await folder.read(SETTINGS_FILE);
  if (bytes === null) return {};
  return readDocument(Buffer.from(bytes).toString(), `${folder.path}/${SETTINGS_FILE}`);
}

function merge(document: SettingsDocument, change: SettingsChange): SettingsDocument {
  const merged = { ...document };
  for (const [section, values] of Object.entries(change)) {
    merged[section] = { ...merged[section], ...values };
  }
  return merged;
}

function valueOf(settings: Settings, section: string, name: string): unknown {
  return (settings as unknown as Record<string, Record<string, unknown>>)[section]?.[name];
}

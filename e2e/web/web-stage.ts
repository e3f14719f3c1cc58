import type { SettingsChange } from "@shoal/api";
import type { ApiClient } from "@shoal/api/client";
import type { Daemon } from "@shoal/node";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { openQuietDaemon, type QuietDaemon } from "./quiet-daemon.ts";

export const CHROMIUM = "/usr/bin/chromium";
export const PASSWORD = "correct horse battery";

/** A daemon of its own that keeps to this machine, its page in a real browser, and what went between them. */
export interface WebStage {
  readonly daemon: Daemon;
  readonly page: Page;
  readonly context: BrowserContext;
  readonly browser: Browser;
  /** The daemon's folder. */
  readonly home: string;
  /** As the daemon's owner, over its socket. */
  readonly client: ApiClient;
  /** Errors that the page has logged or thrown. */
  readonly complaints: readonly string[];
  /** Every answer's text so far, events apart. */
  readonly answers: readonly { readonly path: string; readonly text: string }[];
  /** Another browser's visit of the same page: nothing of the first one is there. */
  visitAnew(): Promise<Page>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly language: "en" | "ja";
  readonly settings?: SettingsChange;
  readonly width?: number;
  readonly height?: number;
  readonly isDark?: boolean;
  /** Past the guided start: a password is set, and the page is signed in. True when absent. */
  readonly isGuideOver?: boolean;
  /** A folder that a daemon was in before. */
  readonly home?: string;
  /** A daemon that runs already; it is not closed with the stage. */
  readonly quiet?: QuietDaemon;
}

export async function openWebStage(options: StageOptions): Promise<WebStage> {
  const { language, settings = {}, width = 1280, height = 800, isGuideOver = true } = options;
  const quiet =
    options.quiet ??
    (await openQuietDaemon({
      settings: { ...settings, web: { ...(isGuideOver && { guide: false }), ...settings.web } },
      ...(options.home !== undefined && { home: options.home }),
    }));
  const { daemon, client, home } = quiet;
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox"],
  });
  const openContext = async () =>
    await browser.newContext({
      viewport: { width, height },
      locale: language,
      colorScheme: options.isDark === true ? "dark" : "light",
      reducedMotion: "reduce",
    });
  const context = await openContext();
  if (isGuideOver) {
    const { needsPassword } = await client.call("getSession");
    if (needsPassword) await client.call("setPassword", { password: PASSWORD });
    const data = { password: PASSWORD };
    await context.request.post(new URL("/api/v1/session", daemon.url).href, { data });
  }
  const page = await context.newPage();
  // What is waited for is a fact; what takes longer than this on a busy machine is none.
  page.setDefaultTimeout(Number(process.env["SHOAL_STAGE_MS"] ?? 60_000));
  const complaints: string[] = [];
  const answers: { path: string; text: string }[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Streams end with the password that they were asked without, and with their daemon.
    const isEndOfStream = message.text().includes("ERR_INCOMPLETE_CHUNKED_ENCODING");
    if (message.type() === "error" && !isEndOfStream) complaints.push(message.text());
  });
  page.on("response", (response) => {
    const path = new URL(response.url()).pathname;
    if (path.endsWith("/events")) return;
    void response.text().then(
      (text) => answers.push({ path, text }),
      () => {},
    );
  });
  return {
    ...{ daemon, page, context, browser, home, client, complaints, answers },
    async visitAnew() {
      const other = await (await openContext()).newPage();
      await other.goto(daemon.url);
      return other;
    },
    async close() {
      await browser.close();
      if (options.quiet === undefined) await quiet.close();
    },
  };
}

/** Why tests of the page are left out here; where everything has to run they are not. */
export function noChromium(): string | false {
  return process.env["CI"] === undefined ? `there is no ${CHROMIUM}` : false;
}

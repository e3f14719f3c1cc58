import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SettingsChange } from "@shoal/api";
import { type ApiClient, createClient } from "@shoal/api/client";
import { type Daemon, openDaemon } from "@shoal/node";
import { createNodeRuntime } from "@shoal/runtime/node";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { createWebFace } from "../../packages/cli/src/node/web-face.ts";

export const CHROMIUM = "/usr/bin/chromium";
export const PASSWORD = "correct horse battery";

/** A daemon of its own that keeps to this machine, its page in a real browser, and what went between them. */
export interface WebStage {
  readonly daemon: Daemon;
  readonly page: Page;
  readonly context: BrowserContext;
  readonly browser: Browser;
  /** As the daemon's owner, over its socket. */
  readonly client: ApiClient;
  /** Errors that the page has logged or thrown. */
  readonly complaints: readonly string[];
  /** Every answer's text so far, events apart. */
  readonly answers: readonly { readonly path: string; readonly text: string }[];
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
}

export async function openWebStage(options: StageOptions): Promise<WebStage> {
  const { language, settings = {}, width = 1280, height = 800 } = options;
  const home = await mkdtemp(join(tmpdir(), "shoal-web-"));
  const daemon = await openDaemon({
    folders: {
      config: join(home, "config"),
      data: join(home, "data"),
      state: join(home, "state"),
      runtime: join(home, "state"),
    },
    version: "0.1.0",
    overrides: {
      network: { dht: false, lsd: false, portMapping: false, webRtc: false },
      ...settings,
      web: { port: 0, ...settings.web },
    },
    writeLog: () => {},
    faces: [createWebFace()],
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language,
    colorScheme: options.isDark === true ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const runtime = await createNodeRuntime({ logLevel: "silent" });
  const client = createClient(async ({ method, target, headers, body }) => {
    const response = await runtime.http.request({
      url: `http://localhost${target}`,
      socketPath: daemon.socketPath!,
      ...{ method, headers },
      ...(body !== undefined && { body: Buffer.from(body) }),
    });
    const text = Buffer.concat(await Array.fromAsync(response.body)).toString();
    return { status: response.status, text: async () => text };
  });
  if (options.isGuideOver !== false) {
    await client.call("setPassword", { password: PASSWORD });
    const data = { password: PASSWORD };
    await context.request.post(new URL("/api/v1/session", daemon.url).href, { data });
    await context.addInitScript({ content: `localStorage.setItem("shoal.guide", "over")` });
  }
  const page = await context.newPage();
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
    ...{ daemon, page, context, browser, client, complaints, answers },
    async close() {
      await browser.close();
      await runtime.close();
      await daemon.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

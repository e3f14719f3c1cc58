import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SettingsChange } from "@shoal/api";
import { type ApiClient, createClient } from "@shoal/api/client";
import type { HttpRequest, HttpResponse } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import { type OpenDaemonOptions, openDaemon } from "../daemon/open-daemon.ts";
import type { Daemon } from "../daemon/start-daemon.ts";

/** Keeps to this machine, and begins at once. */
const QUIET: SettingsChange = {
  network: { dht: false, lsd: false, portMapping: false, webRtc: false, utp: "off" },
  web: { port: 0 },
  chain: { embedded: false },
};

/** A real daemon in a folder of its own. */
export interface TestDaemon {
  readonly home: string;
  readonly daemon: Daemon;
  /** As the owner, over the Unix socket. */
  readonly client: ApiClient;
  /** The log so far, lines of JSON. */
  readonly lines: readonly string[];
  /** Sends a request over the Unix socket; answers as soon as the headers are there. */
  request(request: Omit<HttpRequest, "url"> & { readonly target: string }): Promise<HttpResponse>;
  /** The same over TCP: of nobody's, from this machine. */
  fetch(method: string, target: string, more?: Partial<HttpRequest>): Promise<HttpResponse>;
  close(options?: { readonly keepsHome?: boolean }): Promise<void>;
}

/** @param options.home A folder to go on with; a new one, which goes with the daemon, when absent. */
export async function openTestDaemon(
  options: Partial<OpenDaemonOptions> & {
    readonly home?: string;
    readonly settings?: SettingsChange;
  } = {},
): Promise<TestDaemon> {
  const { home = await mkdtemp(join(tmpdir(), "shoal-")), settings = {}, ...more } = options;
  const lines: string[] = [];
  const overrides = merge(QUIET, settings);
  const daemon = await openDaemon({
    folders: foldersIn(home),
    version: "1.2.3",
    overrides,
    writeLog: (line) => void lines.push(line),
    ...more,
  });
  const runtime = await createNodeRuntime({ logLevel: "silent" });
  const request: TestDaemon["request"] = ({ target, ...rest }) =>
    runtime.http.request({
      url: `http://localhost${target}`,
      socketPath: daemon.socketPath!,
      ...rest,
    });
  const client = createClient(async ({ method, target, headers, body }) => {
    const sent = body === undefined ? {} : { body: Buffer.from(body) };
    const response = await request({ method, target, headers, ...sent });
    return { status: response.status, text: () => readText(response) };
  });
  return {
    ...{ home, daemon, client, lines, request },
    fetch: (method, target, rest) =>
      runtime.http.request({ url: new URL(target, daemon.url).href, method, ...rest }),
    async close({ keepsHome = false } = {}) {
      await runtime.close();
      await daemon.close();
      if (!keepsHome) await rm(home, { recursive: true, force: true });
    },
  };
}

export function foldersIn(home: string) {
  return {
    config: join(home, "config"),
    data: join(home, "data"),
    state: join(home, "state"),
    runtime: join(home, "state"),
  };
}

export async function readText({ body }: HttpResponse): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

function merge(first: SettingsChange, second: SettingsChange): SettingsChange {
  const sections = new Set([...Object.keys(first), ...Object.keys(second)]) as Set<"web">;
  return Object.fromEntries(
    [...sections].map((section) => [section, { ...first[section], ...second[section] }]),
  );
}

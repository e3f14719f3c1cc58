import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SettingsChange } from "@shoal/api";
import { type ApiClient, createClient } from "@shoal/api/client";
import { type Daemon, openDaemon } from "@shoal/node";
import { createNodeRuntime } from "@shoal/runtime/node";
import { createWebFace } from "../../packages/cli/src/node/web-face.ts";

/** A daemon in this process that keeps to this machine, with the web interface. */
export interface QuietDaemon {
  readonly home: string;
  readonly daemon: Daemon;
  /** As the daemon's owner, over its socket. */
  readonly client: ApiClient;
  close(options?: { readonly keepsHome?: boolean }): Promise<void>;
}

export interface QuietDaemonOptions {
  readonly settings?: SettingsChange;
  /** A folder to go on with; a new one, which goes with the daemon, when absent. */
  readonly home?: string;
}

export async function makeHome(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "shoal-web-"));
}

export async function openQuietDaemon(options: QuietDaemonOptions = {}): Promise<QuietDaemon> {
  const { settings = {}, home = await makeHome() } = options;
  const daemon = await openDaemon({
    folders: {
      config: join(home, "config"),
      data: join(home, "data"),
      state: join(home, "state"),
      runtime: join(home, "state"),
    },
    version: "0.1.0",
    overrides: {
      ...settings,
      network: { dht: false, lsd: false, portMapping: false, webRtc: false, ...settings.network },
      web: { port: 0, ...settings.web },
    },
    writeLog: () => {},
    faces: [createWebFace()],
  });
  const runtime = await createNodeRuntime({ logLevel: "silent" });
  const client = createClient(async ({ method, target, headers, body }) => {
    const response = await runtime.http.request({
      url: `http://localhost${target}`,
      socketPath: daemon.socketPath!,
      method,
      // A connection that was kept may be given up by the other side in the moment in which it is used again.
      headers: { ...headers, connection: "close" },
      ...(body !== undefined && { body: Buffer.from(body) }),
    });
    const text = Buffer.concat(await Array.fromAsync(response.body)).toString();
    return { status: response.status, text: async () => text };
  });
  return {
    ...{ home, daemon, client },
    async close({ keepsHome = false } = {}) {
      await runtime.close();
      await daemon.close();
      if (!keepsHome) await rm(home, { recursive: true, force: true });
    },
  };
}

import { request } from "node:http";
import { join } from "node:path";
import {
  type Answer,
  type ApiClient,
  createClient,
  type SettingsChange,
} from "../packages/api/src/client/index.ts";
import type { Running, Workspace } from "./quick/workspace.ts";

/** A daemon in a process of its own, and the way to it over its socket. */
export interface RunningDaemon {
  readonly client: ApiClient;
  /** The port that its peers reach. */
  peerPort(): Promise<number>;
  /** Ends it, and waits for that. */
  end(signal: NodeJS.Signals): Promise<void>;
  readonly process: Running;
}

/** What keeps a daemon of a test on this machine, and off everybody else's ports. */
export const QUIET: SettingsChange = {
  web: { port: 0 },
  network: { dht: false, lsd: false, portMapping: false, webRtc: false, peerExchange: false },
};

/** Writes what a daemon is configured with, before it is started. */
export function configure(space: Workspace, home: string, settings: SettingsChange): void {
  const merged = Object.fromEntries(
    Object.keys({ ...QUIET, ...settings }).map((section) => {
      const key = section as keyof SettingsChange;
      return [section, { ...QUIET[key], ...settings[key] }];
    }),
  );
  space.write(join(home, "config", "settings.json"), JSON.stringify(merged));
}

/** Starts the daemon of a home, and waits until it answers. */
export async function startDaemon(space: Workspace, home: string): Promise<RunningDaemon> {
  const running = space.start(["daemon", "--no-open"], home);
  await running.waitFor("listening");
  const socketPath = space.path(home, "state", "daemon.sock");
  const client = createClient(async ({ method, target, headers, body }) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const asked = request(
      { socketPath, method, path: target, headers: { host: "localhost", ...headers } },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() });
        });
      },
    );
    asked.on("error", reject);
    asked.end(body);
    const { status, text } = await promise;
    return { status, text: async () => text };
  });
  return {
    client,
    process: running,
    async peerPort() {
      const { port }: Answer<"getTransfer"> = await client.call("getTransfer");
      return port;
    },
    async end(signal) {
      running.kill(signal);
      await running.ended;
    },
  };
}

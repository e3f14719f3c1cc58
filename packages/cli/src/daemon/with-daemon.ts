import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ApiError, type Carry, createClient } from "@shoal/api/client";
import { HttpError, type Runtime } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";
import { readSecret } from "../wallet/secrets.ts";
import type { DaemonLink } from "./daemon-link.ts";
import type { DaemonOptions } from "./daemon-options.ts";

const TIMEOUT_MS = 60_000;

/** Where this user's daemon listens. */
export function daemonSocket(env: CommandContext["env"]): string {
  return join(findShoalFolders(env, process.platform, homedir()).runtime, "daemon.sock");
}

/**
 * Opens the way to the daemon: this user's over its socket, or the one that `--url` names with a key.
 * @param options.worksAlone Where no daemon of this user's runs, what one has kept is opened instead.
 * @throws {CliError} `daemon-unreachable` when none answers; what an error of the daemon is on the command line.
 */
export async function withDaemon<T>(
  context: CommandContext,
  options: DaemonOptions,
  use: (daemon: DaemonLink) => Promise<T>,
  { worksAlone = false }: { readonly worksAlone?: boolean } = {},
): Promise<T> {
  const runtime = await createNodeRuntime({ storePath: null });
  try {
    if (worksAlone && (await isAlone(context, options, runtime))) {
      const { withRestingDaemon } = await import("./resting-daemon.ts");
      return await withRestingDaemon(context, use);
    }
    return await use(await openLink(context, options, runtime));
  } catch (error) {
    throw describeDaemonError(error, options, context.env);
  } finally {
    await runtime.close();
  }
}

/** No daemon of this user's listens, and no other one is meant. */
async function isAlone(
  { env }: CommandContext,
  { url }: DaemonOptions,
  { http }: Runtime,
): Promise<boolean> {
  if (url !== undefined || env.SHOAL_URL !== undefined) return false;
  try {
    const socketPath = daemonSocket(env);
    await http.request({ url: "http://localhost/healthz", socketPath, timeoutMs: TIMEOUT_MS });
    return false;
  } catch (error) {
    return error instanceof HttpError && error.code === "refused";
  }
}

async function openLink(
  { env, signal: ending }: CommandContext,
  options: DaemonOptions,
  { http }: Runtime,
): Promise<DaemonLink> {
  const url = options.url ?? env.SHOAL_URL;
  const keyFile = options.keyFile ?? env.SHOAL_KEY_FILE;
  if (url === undefined && options.keyFile !== undefined) {
    throw new CliError("usage", "--key-file needs --url: this user's own daemon asks for no key");
  }
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw new CliError("usage", `${url} is no URL of a daemon: expected http://host:port`);
  }
  const key = url === undefined ? null : await readSecret("the API key", "--key-file", keyFile);
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  const base = url ?? "http://localhost";
  const socket = url === undefined ? { socketPath: daemonSocket(env) } : {};
  const ask = (method: string, target: string, more: object, signal?: AbortSignal) =>
    http.request({
      url: new URL(target, base).href,
      method,
      timeoutMs: TIMEOUT_MS,
      signal: AbortSignal.any([ending, ...(signal === undefined ? [] : [signal])]),
      ...socket,
      ...more,
    });
  const carry: Carry = async ({ method, target, headers, body, signal }) => {
    const sent = body === undefined ? {} : { body: Buffer.from(body) };
    const response = await ask(method, target, { headers, ...sent }, signal);
    return { status: response.status, text: () => readText(response.body) };
  };
  return {
    client: createClient(carry, headers),
    open: (method, target, signal) => ask(method, target, { headers }, signal),
  };
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

const EXIT_CODES = {
  "not-found": "not-found",
  "bad-input": "usage",
  "bad-request": "usage",
  "insufficient-funds": "insufficient-funds",
} as const;

function describeDaemonError(
  error: unknown,
  { url }: DaemonOptions,
  env: CommandContext["env"],
): unknown {
  if (error instanceof ApiError) {
    const code = EXIT_CODES[error.code as keyof typeof EXIT_CODES] ?? "daemon-refused";
    return new CliError(code, error.message, { cause: error });
  }
  if (!(error instanceof HttpError) || error.code === "aborted") return error;
  const there = url ?? env.SHOAL_URL;
  const what =
    there === undefined
      ? "No daemon of yours is running: start it with shoal daemon, or with npm start. Without one, shoal get and shoal seed do their work alone."
      : `No daemon answers at ${there}: ${error.message}`;
  return new CliError("daemon-unreachable", what, { cause: error });
}

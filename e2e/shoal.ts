import { fileURLToPath } from "node:url";
import type { Endpoint } from "@shoal/runtime";
import { type Exit, run } from "../bench/clients/child.ts";
import { withDeadline } from "../bench/clients/deadline.ts";
import { type ClientEvent, JsonChild } from "../bench/clients/json-child.ts";
import type { Scope } from "../bench/clients/scope.ts";

/** Variables that keep a command from what is outside the test. */
export const WITHIN = { SHOAL_NO_PORT_MAPPING: "1", SHOAL_DHT_BOOTSTRAP: "none" };

const BIN = fileURLToPath(new URL("../bin/shoal", import.meta.url));

/** What a download is told, beside options that are passed on. */
export interface GetInit extends Place {
  readonly source: string;
  readonly dir: string;
  readonly host?: string;
  readonly peers?: readonly Endpoint[];
}

/** Where a command runs. */
export interface Place {
  /** The folder that it remembers things in; one of its own when absent. */
  readonly home?: string;
  /** Name of a network namespace. */
  readonly namespace?: string;
  /** Whether it uses local discovery; false when absent: tests that run at the same time are no neighbours. */
  readonly lsd?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A `shoal` command that writes its events as lines of JSON. */
export class Shoal extends JsonChild {
  /** Where peers reach it; known once it is `listening`. */
  endpoint: Endpoint = { address: "", port: 0 };

  static async start(scope: Scope, args: readonly string[], place: Place = {}): Promise<Shoal> {
    const { home = await scope.folder(), namespace, env } = place;
    const options = {
      scope,
      env: { SHOAL_HOME: home, NO_COLOR: "1", ...WITHIN, ...env },
      ...(namespace === undefined ? {} : { namespace }),
    };
    return new Shoal(BIN, [...args, "--events", "ndjson"], options);
  }

  /** Starts `shoal seed`; it is listening when this returns. */
  static async seed(
    scope: Scope,
    init: Omit<GetInit, "source"> & { readonly torrent: string },
    ...more: readonly string[]
  ): Promise<Shoal> {
    const { torrent, dir, host = "127.0.0.1", peers = [] } = init;
    const args = ["seed", torrent, "--dir", dir, "--host", host, ...peerOptions(peers), ...more];
    if (init.lsd !== true) args.push("--no-lsd");
    const shoal = await Shoal.start(scope, args, init);
    await shoal.#listening(host);
    return shoal;
  }

  /** Starts `shoal get`. It ends with what {@link whenEnded} says. */
  static async get(scope: Scope, init: GetInit, ...more: readonly string[]): Promise<Shoal> {
    const { source, dir, host = "127.0.0.1", peers = [] } = init;
    const args = ["get", source, "--dir", dir, "--host", host, ...peerOptions(peers), ...more];
    if (init.lsd !== true) args.push("--no-lsd");
    return await Shoal.start(scope, args, init);
  }

  /** Waits until it has ended by itself, and gives its result along with how it ended. */
  async whenEnded(): Promise<{ exit: Exit; result: ClientEvent | undefined }> {
    const exit = await withDeadline(this.exited, "the command ends").catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${this.tail}`, { cause: error });
    });
    return { exit, result: this.events.find(({ event }) => event === "result") };
  }

  async #listening(address: string): Promise<void> {
    const event = await this.waitForEvent("listening");
    this.endpoint = { address, port: event["port"] as number };
  }
}

/** Makes a torrent of a file or folder. */
export async function createTorrent(
  path: string,
  torrent: string,
  ...more: readonly string[]
): Promise<{ torrent: string; magnet: string; infoHash: string }> {
  const text = await run(BIN, "create", path, "-o", torrent, "--json", ...more);
  const made = JSON.parse(text) as {
    magnet: string;
    infoHashV1: string | null;
    infoHashV2: string | null;
  };
  return { torrent, magnet: made.magnet, infoHash: (made.infoHashV1 ?? made.infoHashV2)! };
}

/** Starts `shoal tracker` on free ports. */
export async function startTracker(
  scope: Scope,
  host = "127.0.0.1",
): Promise<{ http: string; udp: string; ws: string }> {
  const tracker = await Shoal.start(scope, ["tracker", "--host", host, "--port", "0"]);
  const { http, udp, ws } = await tracker.waitForEvent("listening");
  return { http: http as string, udp: udp as string, ws: ws as string };
}

function peerOptions(peers: readonly Endpoint[]): string[] {
  return peers.flatMap(({ address, port }) => ["--peer", `${address}:${port}`]);
}

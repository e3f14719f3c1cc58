import { join } from "node:path";
import type {
  HttpServerRequest,
  HttpServerResponse,
  Listener,
  Runtime,
  ServeBounds,
} from "@shoal/runtime";

/** What addresses of Unix sockets may have, without the zero at their end; less on macOS. */
const MAX_SOCKET_PATH_BYTES = 103;

/** The ports at which the daemon answers. */
export interface Doors {
  /** Such as `http://127.0.0.1:9550/`. */
  readonly url: string;
  /** Null where there can be none. */
  readonly socketPath: string | null;
  close(): Promise<void>;
}

/** Those of a daemon that nobody can reach. */
export const NO_DOORS: Doors = { url: "", socketPath: null, close: async () => {} };

/**
 * Listens at the port for browsers and programs, and at the socket of this user's own.
 * @throws {NetError} `address-in-use` or `denied`.
 */
export async function openDoors(init: {
  readonly runtime: Pick<Runtime, "http" | "log">;
  readonly host: string;
  readonly port: number;
  readonly socketFolder: string;
  readonly bounds: ServeBounds;
  readonly handle: (request: HttpServerRequest) => Promise<HttpServerResponse>;
}): Promise<Doors> {
  const { runtime, host, port, bounds, handle } = init;
  const { http, log } = runtime;
  const listener = await http.serve({ host, port, ...bounds }, handle);
  let socket: Listener | null = null;
  const path = join(init.socketFolder, "daemon.sock");
  try {
    const isTooLong = Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES;
    if (isTooLong) log.warn("no socket for the command line: its path is too long", { path });
    else socket = await http.serve({ path, ...bounds }, handle);
  } catch (error) {
    await listener.close();
    throw error;
  }
  return {
    url: urlOf(listener),
    socketPath: socket === null ? null : path,
    async close() {
      await Promise.all([listener.close(), socket?.close()]);
    },
  };
}

/** A port on every address is shown at the one that always works here. */
function urlOf({ local: { address, port } }: Listener): string {
  const shown = address === "0.0.0.0" || address === "::" ? "127.0.0.1" : address;
  return `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}/`;
}

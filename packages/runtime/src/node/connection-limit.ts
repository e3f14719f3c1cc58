import type { ServerResponse } from "node:http";
import type { Server, Socket } from "node:net";
import { sourceOf } from "../address/source-of.ts";
import { plainAddress } from "./tcp-socket.ts";

/** Closes connections of an address that has `most` of them already, as they come. */
export function limitConnections(server: Server, most: number): void {
  const counts = new Map<string, number>();
  server.prependListener("connection", (socket) => {
    const source = sourceOf(plainAddress(socket.remoteAddress));
    const count = counts.get(source) ?? 0;
    if (count >= most) {
      socket.destroy();
      return;
    }
    counts.set(source, count + 1);
    socket.once("close", () => {
      const left = (counts.get(source) ?? 1) - 1;
      if (left === 0) counts.delete(source);
      else counts.set(source, left);
    });
  });
}

/** Browsers send none, and tools a handful. */
const MAX_WAITING_REQUESTS = 16;

const waiting = new WeakMap<Socket, number>();

/**
 * Counts a request that came before the answers of those ahead of it were taken: small requests can ask for large
 * answers, which would all lie in memory.
 * @returns false when there are too many, and the connection is closed.
 */
export function admitWaiting(socket: Socket, response: ServerResponse): boolean {
  const count = waiting.get(socket) ?? 0;
  if (count >= MAX_WAITING_REQUESTS) {
    socket.destroy();
    return false;
  }
  waiting.set(socket, count + 1);
  response.once("close", () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
  return true;
}

import type { StreamSocket } from "../ports/net.ts";
import type { SimHost } from "./sim-host.ts";
import type { SimWorld } from "./world.ts";

/** What one end of a connection has seen. */
export interface Seen {
  readonly chunks: Uint8Array[];
  bytes: number;
  isEnded: boolean;
  /** Undefined while the connection is open. */
  closedWith: Error | null | undefined;
}

/** Reads all that comes, into one buffer of `bufferBytes` again and again. */
export function watch(socket: StreamSocket, bufferBytes = 16 * 1024): Seen {
  const seen: Seen = { chunks: [], bytes: 0, isEnded: false, closedWith: undefined };
  const place = new Uint8Array(bufferBytes);
  socket.receive({
    buffer: () => place,
    received(lengthBytes, buffer) {
      seen.chunks.push(buffer.slice(0, lengthBytes));
      seen.bytes += lengthBytes;
    },
    ended() {
      seen.isEnded = true;
    },
    closed(error) {
      seen.closedWith = error;
    },
  });
  return seen;
}

/** Connects two hosts; both ends. */
export async function joinHosts(
  world: SimWorld,
  from: SimHost,
  to: SimHost,
): Promise<{ near: StreamSocket; far: StreamSocket }> {
  const accepted = Promise.withResolvers<StreamSocket>();
  const listener = await to.net.listen({ port: 0 }, accepted.resolve);
  const { port } = listener.local;
  const near = await world.complete(from.net.connect({ host: to.address, port }));
  await listener.close();
  return { near, far: await accepted.promise };
}

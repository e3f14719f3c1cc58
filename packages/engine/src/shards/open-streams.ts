import { SessionError } from "../errors.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { StreamRange } from "./shard-protocol.ts";

interface OpenStream {
  readonly chunks: AsyncGenerator<Uint8Array, void, void>;
  readonly abort: AbortController;
}

/** The streams that the main thread reads of a worker's torrents, by numbers that it gives them. */
export class OpenStreams {
  readonly #streams = new Map<number, OpenStream>();

  open(id: number, torrent: Torrent, fileIndex: number, range: StreamRange): void {
    const abort = new AbortController();
    const chunks = torrent.stream(fileIndex, { ...range, signal: abort.signal });
    this.#streams.set(id, { chunks, abort });
  }

  /**
   * @returns what comes next; null at the end.
   * @throws as the stream; {SessionError} `worker-died` for one that was opened in another life of this worker.
   */
  async next(id: number): Promise<Uint8Array | null> {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      throw new SessionError(
        "worker-died",
        "The worker was started again while the file was read.",
      );
    }
    const { done, value } = await stream.chunks.next();
    return done === true ? null : value;
  }

  /** Its reader has left: nothing has to come in time for it any more. */
  async close(id: number): Promise<void> {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    if (stream === undefined) return;
    stream.abort.abort();
    await stream.chunks.return();
  }
}

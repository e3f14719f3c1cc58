import type { Torrent } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";
import type { Clock, HttpServerRequest, HttpServerResponse, Log } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { type ByteRange, parseByteRange } from "./byte-range.ts";
import { ContentBody } from "./content-body.ts";
import { contentTag } from "./content-tag.ts";
import { contentHeaders } from "./content-type.ts";
import { judgeConditions, mayFollowRange } from "./preconditions.ts";
import { ReaderPlaces } from "./reader-places.ts";

/** In these a torrent fetches nothing. */
const STOPPED = new Set(["paused", "queued", "error", "closed"]);

/** A file, and how it is served. */
export interface ContentRequest {
  readonly torrent: Torrent;
  readonly metainfo: Metainfo;
  readonly fileIndex: number;
  /** Such as `private, no-cache`. */
  readonly cacheControl: string;
  /** Whether pages of other origins may show it. */
  readonly mayBeEmbedded: boolean;
  /** A part that does not come for so long ends the answer. */
  readonly patienceMs: number;
}

/**
 * Answers requests for files of torrents, whole or in part, also while they download: what is asked for is fetched first, at
 * the pace at which the reader takes it (`Torrent.stream`).
 */
export class ContentServer {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #places = new ReaderPlaces();

  constructor(init: { clock: Clock; log: Log }) {
    this.#clock = init.clock;
    this.#log = init.log;
  }

  /** Answers that are being sent. */
  get readers(): number {
    return this.#places.taken;
  }

  /**
   * Answers GET and HEAD: 200, 206, 304, 412 or 416.
   * @throws {NodeError} `not-found`; `unavailable` while the torrent is stopped and lacks what is asked for, or when too
   * many read; `too-many-requests`.
   */
  serve(request: HttpServerRequest, content: ContentRequest): HttpServerResponse {
    const { torrent, metainfo, fileIndex } = content;
    const file = metainfo.files[fileIndex];
    if (file === undefined || file.attributes.symlinkTarget !== null) {
      throw new NodeError("not-found", `There is no file ${fileIndex} in this torrent.`);
    }
    const { lengthBytes, offsetBytes } = file;
    const path = torrent.files[fileIndex]?.path ?? file.path;
    const tag = contentTag(metainfo, fileIndex);
    const headers = {
      ...contentHeaders(path.at(-1)!, content.mayBeEmbedded),
      etag: tag,
      "accept-ranges": "bytes",
      "cache-control": content.cacheControl,
    };
    const verdict = judgeConditions(request.headers, tag);
    if (verdict !== "go") return empty(verdict === "failed" ? 412 : 304, headers);
    const wish = mayFollowRange(request.headers, tag) ? request.headers["range"] : undefined;
    const range = parseByteRange(wish, lengthBytes);
    if (range === "unsatisfiable") {
      return empty(416, { ...headers, "content-range": `bytes */${lengthBytes}` });
    }
    const { start, end } = range === "whole" ? { start: 0, end: lengthBytes } : range;
    if (request.method !== "HEAD") {
      assertHad(torrent, metainfo, { start: offsetBytes + start, end: offsetBytes + end });
    }
    const sized = { ...headers, "content-length": String(end - start) };
    const body = request.method === "HEAD" ? NOTHING : this.#body(request, content, { start, end });
    if (range === "whole") return { status: 200, headers: sized, body };
    const contentRange = `bytes ${start}-${end - 1}/${lengthBytes}`;
    return { status: 206, headers: { ...sized, "content-range": contentRange }, body };
  }

  #body(
    request: HttpServerRequest,
    { torrent, fileIndex, patienceMs }: ContentRequest,
    { start, end }: ByteRange,
  ): ContentBody {
    const leave = this.#places.take(request.remote.address);
    return new ContentBody({
      open: (options) => torrent.stream(fileIndex, options),
      start,
      end,
      clock: this.#clock,
      patienceMs,
      onEnd: (error) => {
        leave();
        if (error === null) return;
        const { infoHash } = torrent;
        this.#log.warn("content could not be sent to its end", { infoHash, fileIndex, error });
      },
    });
  }
}

/** For HEAD: in parts, since a body at once has its own length as `content-length`. */
const NOTHING: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({
    next: () => Promise.resolve({ done: true, value: undefined }),
    return: () => Promise.resolve({ done: true, value: undefined }),
  }),
};

function empty(status: number, headers: Readonly<Record<string, string>>): HttpServerResponse {
  return { status, headers, body: new Uint8Array() };
}

/** Nobody is left waiting for what will not come. */
function assertHad(
  torrent: Torrent,
  { pieceLengthBytes }: Metainfo,
  { start, end }: ByteRange,
): void {
  if (!STOPPED.has(torrent.state) || start === end) return;
  const have = torrent.pieces()?.have;
  const last = Math.floor((end - 1) / pieceLengthBytes);
  let isHere = have !== undefined || isComplete(torrent);
  for (let piece = Math.floor(start / pieceLengthBytes); isHere && piece <= last; piece++) {
    isHere = have === undefined || (have[piece >>> 3]! & (0x80 >>> (piece & 7))) !== 0;
  }
  if (isHere) return;
  throw new NodeError("unavailable", `The torrent is ${torrent.state}, and this is not here yet.`);
}

/** Also of a torrent that sleeps, whose pieces nobody knows meanwhile. Of its files those that are skipped may be missing. */
export function isComplete(torrent: Torrent): boolean {
  const { wantedBytes, verifiedBytes } = torrent.status();
  return wantedBytes > 0 && verifiedBytes === wantedBytes;
}

import type { HttpResponse } from "@shoal/runtime";
import { WebSeedError } from "../errors.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** A server that answers with the whole file is read up to the wanted range, over so many bytes at least. */
const MAX_SKIP_BYTES = 1024 * 1024;

/** A server may send less than was asked for, but not so little that requests outweigh it. */
const LEAST_ANSWER_BYTES = 16 * 1024;

/** What was asked for. */
export interface RangeRequest {
  readonly startBytes: number;
  readonly lengthBytes: number;
  readonly fileLengthBytes: number;
}

/** What the body brings. */
export interface RangeAnswer {
  /** Bytes before the wanted range. */
  readonly skipBytes: number;
  /** Bytes of the wanted range, perhaps fewer than were asked for; at least one. */
  readonly lengthBytes: number;
  /** The body goes on behind the wanted range. */
  readonly hasMore: boolean;
  /** The server knows ranges. */
  readonly isPartial: boolean;
}

/**
 * Judges the headers of an answer to a range request (RFC 9110, 14).
 * @param nowMs Since 1970.
 * @throws {WebSeedError} `missing` or `differs` when the server does not have this file, `no-ranges`,
 * `busy` or `bad-response`.
 */
export function readAnswer(
  response: Pick<HttpResponse, "status" | "headers">,
  request: RangeRequest,
  nowMs: number,
): RangeAnswer {
  const { status, headers } = response;
  if (status !== 200 && status !== 206) throw explainStatus(status, headers, nowMs);
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new WebSeedError("bad-response", `it sends the file compressed (${clean(encoding)})`);
  }
  return status === 206 ? readPartial(headers, request) : readWhole(headers, request);
}

function readPartial(headers: HttpResponse["headers"], request: RangeRequest): RangeAnswer {
  const text = headers["content-range"] ?? "";
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(text.trim());
  if (match === null) {
    throw new WebSeedError("bad-response", `it answers 206 without a range ("${clean(text)}")`);
  }
  const [start, last, total] = [Number(match[1]), Number(match[2]), match[3]];
  if (total !== "*" && Number(total) !== request.fileLengthBytes)
    throw differs(Number(total), request);
  const contentLength = readLength(headers);
  const isWrong =
    start !== request.startBytes ||
    last < start ||
    last >= request.fileLengthBytes ||
    (contentLength !== null && contentLength !== last - start + 1);
  if (isWrong) {
    const asked = `${request.startBytes}-${request.startBytes + request.lengthBytes - 1}`;
    throw new WebSeedError(
      "bad-response",
      `asked for bytes ${asked} it answers with ${clean(text)}, ${contentLength ?? "any number of"} bytes long`,
    );
  }
  const answeredBytes = last - start + 1;
  if (answeredBytes < Math.min(request.lengthBytes, LEAST_ANSWER_BYTES)) {
    throw new WebSeedError("bad-response", `it sends ${answeredBytes} bytes at a time`);
  }
  const lengthBytes = Math.min(answeredBytes, request.lengthBytes);
  return { skipBytes: 0, lengthBytes, hasMore: answeredBytes > lengthBytes, isPartial: true };
}

function readWhole(headers: HttpResponse["headers"], request: RangeRequest): RangeAnswer {
  const contentLength = readLength(headers);
  const { startBytes, lengthBytes, fileLengthBytes } = request;
  if (contentLength !== null && contentLength !== fileLengthBytes) {
    throw differs(contentLength, request);
  }
  if (startBytes > Math.max(MAX_SKIP_BYTES, lengthBytes)) {
    throw new WebSeedError("no-ranges", "it sends files only from their start (no range requests)");
  }
  const hasMore = startBytes + lengthBytes < fileLengthBytes;
  return { skipBytes: startBytes, lengthBytes, hasMore, isPartial: startBytes === 0 && !hasMore };
}

function explainStatus(
  status: number,
  headers: HttpResponse["headers"],
  nowMs: number,
): WebSeedError {
  const text = `it answers with HTTP status ${status}`;
  if (status === 416) return new WebSeedError("differs", `${text}: its file is shorter`);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(headers["retry-after"], nowMs);
    return new WebSeedError("busy", text, { retryAfterMs });
  }
  return new WebSeedError(status >= 400 ? "missing" : "bad-response", text);
}

function differs(found: number, { fileLengthBytes }: RangeRequest): WebSeedError {
  return new WebSeedError(
    "differs",
    `its file is ${found} bytes long, and the torrent's ${fileLengthBytes}`,
  );
}

/** Null when the header is missing, as in a chunked answer. */
function readLength(headers: HttpResponse["headers"]): number | null {
  const text = headers["content-length"];
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) {
    throw new WebSeedError("bad-response", `its answer is "${clean(text)}" bytes long`);
  }
  return Number(text);
}

/** A header's text as it may be shown. */
function clean(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
}

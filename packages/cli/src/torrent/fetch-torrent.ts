import { concatBytes } from "@shoal/protocol";
import { type Http, HttpError } from "@shoal/runtime";
import { CliError } from "../errors.ts";

const TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 5;

/**
 * Fetches a torrent file of at most `maxBytes`.
 * @throws {CliError} `not-found` for a page that does not exist, otherwise `fetch-failed`.
 */
export async function fetchTorrent(
  url: string,
  options: { readonly http: Http; readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const { http, maxBytes, signal } = options;
  const parts: Uint8Array[] = [];
  let lengthBytes = 0;
  try {
    const response = await http.request({
      url,
      timeoutMs: TIMEOUT_MS,
      maxRedirects: MAX_REDIRECTS,
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status !== 200) {
      const code =
        response.status === 404 || response.status === 410 ? "not-found" : "fetch-failed";
      throw new CliError(
        code,
        `${url} answered with HTTP status ${response.status}: check the address`,
      );
    }
    for await (const part of response.body) {
      lengthBytes += part.length;
      if (lengthBytes > maxBytes) {
        throw new CliError(
          "fetch-failed",
          `${url} sends more than ${maxBytes} bytes: that is no torrent file`,
        );
      }
      parts.push(part);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (!(cause instanceof HttpError)) throw cause;
    throw new CliError("fetch-failed", `cannot fetch ${url}: ${cause.message}`, { cause });
  }
  return concatBytes(parts);
}

import { createHttpTargetJudge, type HttpTarget, type Metainfo } from "@shoal/protocol";
import { type Dns, type Http, HttpError, type HttpResponse } from "@shoal/runtime";
import { WebSeedError } from "../errors.ts";
import { CLIENT_NAME } from "../session/client-name.ts";
import type { AddressFilter } from "../swarm/address-filter.ts";
import type { DirectTarget } from "./direct-fetch.ts";
import { webSeedFileUrl } from "./file-url.ts";

/** No byte for so long ends a request. */
const SILENCE_MS = 20_000;
const MAX_REDIRECTS = 5;
/** Redirects are remembered for so many files; beyond it all are learnt anew. */
const MAX_KEPT_REDIRECTS = 1000;

/** A range of a file. */
export interface FileRange {
  readonly fileIndex: number;
  readonly fileOffsetBytes: number;
  readonly lengthBytes: number;
}

/** Asks one web seed for ranges of files, where it redirected the last request for the same file to. */
export class FileRequests {
  readonly #http: Http;
  readonly #dns: Dns;
  readonly #url: string;
  readonly #filter: AddressFilter;
  readonly #localAddress: string | undefined;
  readonly #judge: ReturnType<typeof createHttpTargetJudge>;
  readonly #redirects = new Map<number, string>();
  /** Whether the server answers so plainly that it may be asked directly; false for good once it did not. */
  #isPlain: boolean | null = null;

  /**
   * @param init.isTrusted The user named the URL, and not a torrent: then it may have a query also at a
   * private address.
   */
  constructor(init: {
    http: Http;
    dns: Dns;
    url: string;
    isTrusted: boolean;
    addressFilter: AddressFilter;
    localAddress: string | undefined;
  }) {
    this.#http = init.http;
    this.#dns = init.dns;
    this.#url = init.url;
    this.#filter = init.addressFilter;
    this.#localAddress = init.localAddress;
    this.#judge = createHttpTargetJudge(({ search }) => init.isTrusted || search === "");
  }

  /**
   * Sends the request; answers when the headers are there, whatever they say.
   * @throws {HttpError}
   * @throws {WebSeedError} `forbidden-address` or `bad-url`.
   */
  async get(metainfo: Metainfo, range: FileRange, signal: AbortSignal): Promise<HttpResponse> {
    const url = webSeedFileUrl(this.#url, metainfo, range.fileIndex)?.href;
    if (url === undefined) throw new WebSeedError("bad-url", "its URL cannot be read");
    const kept = this.#redirects.get(range.fileIndex);
    if (kept !== undefined) {
      const response = await this.#tryKept(kept, range, signal);
      if (response !== null) return response;
      this.#redirects.delete(range.fileIndex);
    }
    const response = await this.#request(url, range, signal, false);
    if (response.url !== url) {
      if (this.#redirects.size >= MAX_KEPT_REDIRECTS) this.#redirects.clear();
      this.#redirects.set(range.fileIndex, response.url);
    } else {
      this.#isPlain ??= isPlainAnswer(response) ? true : null;
    }
    return response;
  }

  /** Where a file can be asked for directly; null where only the Http port can do it. */
  directTarget(metainfo: Metainfo, fileIndex: number): DirectTarget | null {
    if (this.#isPlain !== true || this.#redirects.has(fileIndex)) return null;
    const url = webSeedFileUrl(this.#url, metainfo, fileIndex);
    if (url === null) return null;
    const addresses = async (): Promise<readonly string[]> => {
      const found = await this.#dns.resolve(url.hostname.replace(/^\[|\]$/g, ""), {
        mayStayName: true,
      });
      for (const address of found) this.#allow({ url, address, redirectedFrom: null }, false);
      return found;
    };
    return { url, addresses };
  }

  /** It answered in a way that only the Http port can read. */
  giveUpDirect(): void {
    this.#isPlain = false;
  }

  /** Null when the redirect holds no longer. */
  async #tryKept(url: string, range: FileRange, signal: AbortSignal): Promise<HttpResponse | null> {
    try {
      const response = await this.#request(url, range, signal, true);
      if (response.status === 200 || response.status === 206) return response;
      await dropBody(response.body);
    } catch (error) {
      const isOver = signal.aborted || error instanceof WebSeedError;
      if (isOver || !(error instanceof HttpError)) throw error;
    }
    return null;
  }

  #request(
    url: string,
    { fileOffsetBytes, lengthBytes }: FileRange,
    signal: AbortSignal,
    isRedirect: boolean,
  ): Promise<HttpResponse> {
    return this.#http.request({
      url,
      headers: {
        range: `bytes=${fileOffsetBytes}-${fileOffsetBytes + lengthBytes - 1}`,
        "user-agent": CLIENT_NAME,
        accept: "*/*",
        "accept-encoding": "identity",
      },
      timeoutMs: SILENCE_MS,
      maxRedirects: MAX_REDIRECTS,
      signal,
      allow: (target) => this.#allow(target, isRedirect),
      ...(this.#localAddress === undefined ? {} : { localAddress: this.#localAddress }),
    });
  }

  #allow(target: HttpTarget, isRedirect: boolean): void {
    const { url, address } = target;
    if (this.#filter.isBlocked(address)) {
      throw new WebSeedError("forbidden-address", `its address ${address} is filtered`);
    }
    const redirectedFrom = target.redirectedFrom ?? (isRedirect ? URL.parse(this.#url) : null);
    const refusal = this.#judge({ url, address, redirectedFrom });
    if (refusal === null) return;
    throw new WebSeedError(
      "forbidden-address",
      refusal === "redirected-inwards"
        ? `it redirects to ${url.host}, which is the private address ${address}: this is not followed`
        : `it is at the private address ${address}, where a torrent may ask only for URLs without a query`,
    );
  }
}

/** Lets go of an answer that is of no use: its connection is closed. */
export async function dropBody(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _bytes of body) break;
  } catch {
    // It is given up either way.
  }
}

/** Plain HTTP, by range, its length known, without a password to send along. */
function isPlainAnswer({ status, headers, url }: HttpResponse): boolean {
  const { protocol, username } = URL.parse(url)!;
  const isSimple = headers["content-length"] !== undefined && !("transfer-encoding" in headers);
  return status === 206 && isSimple && protocol === "http:" && username === "";
}

import type { Clock, Gateway, Http, HttpRequest } from "@shoal/runtime";
import { NetError } from "@shoal/runtime";

/** Descriptions of routers have up to 30 KiB, answers to calls less than one. */
const MAX_BODY_BYTES = 128 * 1024;

/** What asking a router over HTTP takes. */
export interface RouterLine {
  readonly http: Http;
  readonly clock: Clock;
  readonly gateway: Gateway;
}

/**
 * Asks a router over HTTP, and nobody but the router: no redirect is followed.
 * @param timeoutMs For all of it: who sends a byte now and then is not waited for.
 * @returns null when there is no answer, or one of more than 128 KiB. Never throws.
 */
export async function askRouter(
  { http, clock, gateway }: RouterLine,
  request: Pick<HttpRequest, "url" | "method" | "headers" | "body">,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<{ readonly status: number; readonly text: string } | null> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = clock.setTimer(timeoutMs, end);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    const response = await http.request({
      ...request,
      headers: { ...request.headers, Connection: "close" },
      localAddress: gateway.localAddress,
      timeoutMs,
      signal: ending.signal,
      allow({ address }) {
        if (address === gateway.address) return;
        throw new NetError("unreachable", `${address} is not the router`);
      },
    });
    const parts: Uint8Array[] = [];
    let lengthBytes = 0;
    for await (const part of response.body) {
      lengthBytes += part.length;
      if (lengthBytes > MAX_BODY_BYTES) return null;
      // The memory of a part is not promised to stay.
      parts.push(part.slice());
    }
    return { status: response.status, text: Buffer.concat(parts).toString("utf8") };
  } catch {
    return null;
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", end);
  }
}

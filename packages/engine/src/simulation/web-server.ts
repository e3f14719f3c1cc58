import type { HttpServerRequest, HttpServerResponse, Listener, StreamSocket } from "@shoal/runtime";
import type { SimHost } from "@shoal/runtime/sim";
import type { SampleTorrent } from "./swarm-world.ts";

export const WEB_PORT = 80;

/** Answers in place of the files, where it wants to; null leaves the request to them. */
export type Interceptor = (
  request: HttpServerRequest & { readonly range: readonly [number, number] | null },
) => HttpServerResponse | null | Promise<HttpServerResponse | null>;

/** What a web server was asked, in order: `/path first-last`. */
export type WebRequests = string[];

/** Serves a sample's files by range, as nginx does below its root folder. */
export async function serveSample(
  host: SimHost,
  sample: SampleTorrent,
  intercept: Interceptor = () => null,
): Promise<{ requests: WebRequests; listener: Listener }> {
  const requests: WebRequests = [];
  const files = new Map(
    sample.metainfo.files.map((file, index) => [
      `/${file.rawPath.join("/")}`,
      sample.contents[index]!,
    ]),
  );
  const listener = await host.http.serve({ port: WEB_PORT }, async (request) => {
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers["range"] ?? "");
    const range = match === null ? null : ([Number(match[1]), Number(match[2])] as const);
    requests.push(`${request.target} ${range?.join("-") ?? "whole"}`);
    const own = await intercept({ ...request, range });
    if (own !== null) return own;
    const content = files.get(decodeURIComponent(request.target));
    if (content === undefined) return { status: 404, body: new Uint8Array() };
    return range === null ? { status: 200, body: content } : sendRange(content, range);
  });
  return { requests, listener };
}

/** A part of a file, with the headers of a server that knows ranges. */
export function sendRange(
  content: Uint8Array,
  [first, last]: readonly [number, number],
): HttpServerResponse & { readonly body: Uint8Array } {
  const headers = { "content-range": `bytes ${first}-${last}/${content.length}` };
  return { status: 206, headers, body: content.subarray(first, last + 1) };
}

/** Answers requests by hand, byte by byte: what no HTTP server would send. One request a connection. */
export async function serveRaw(
  host: SimHost,
  answer: (socket: StreamSocket, range: readonly [number, number]) => void,
): Promise<readonly (readonly [number, number])[]> {
  const ranges: (readonly [number, number])[] = [];
  await host.net.listen({ port: WEB_PORT }, (socket) => {
    const place = new Uint8Array(4096);
    let head = "";
    socket.receive({
      buffer: () => place,
      received(lengthBytes) {
        head += Buffer.from(place.subarray(0, lengthBytes)).toString("latin1");
        const match = /^range: bytes=(\d+)-(\d+)\r\n/im.exec(head);
        if (!head.endsWith("\r\n\r\n") || match === null) return;
        const range = [Number(match[1]), Number(match[2])] as const;
        ranges.push(range);
        answer(socket, range);
      },
      ended: () => {},
      closed: () => {},
    });
  });
  return ranges;
}

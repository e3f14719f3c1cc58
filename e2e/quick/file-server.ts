import { readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface FileServer {
  /** With a slash at its end. */
  readonly url: string;
  readonly requests: readonly string[];
  /** TCP connections that were opened to it. */
  readonly connections: number;
}

/** Serves the files below a folder, whole or by range, with connections that are kept, until the test ends. */
export async function serveFolder(
  t: TestContext,
  folder: string,
  options: {
    readonly tls?: { readonly cert: string; readonly key: string };
    /** What the bytes of a range become on their way. */
    readonly change?: (bytes: Buffer) => Buffer;
  } = {},
): Promise<FileServer> {
  const requests: string[] = [];
  let connections = 0;
  const { tls, change = (bytes) => bytes } = options;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? "/");
    const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "bytes=0-");
    requests.push(`${path} ${match?.[1]}-${match?.[2]}`);
    const file = join(folder, path);
    const lengthBytes = (await stat(file).catch(() => null))?.size;
    if (lengthBytes === undefined || match === null) {
      response.writeHead(404, { "content-length": 0 }).end();
      return;
    }
    const first = Number(match[1]);
    const last = Math.min(match[2] === "" ? Infinity : Number(match[2]), lengthBytes - 1);
    const body = change((await readFile(file)).subarray(first, last + 1));
    const isPart = request.headers.range !== undefined;
    response.writeHead(isPart ? 206 : 200, {
      ...(isPart ? { "content-range": `bytes ${first}-${last}/${lengthBytes}` } : {}),
      "content-length": body.length,
    });
    response.end(body);
  }

  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    void answer(request, response);
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  server.on("connection", () => connections++);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as AddressInfo;
  return {
    url: tls === undefined ? `http://127.0.0.1:${port}/` : `https://localhost:${port}/`,
    requests,
    get connections() {
      return connections;
    },
  };
}

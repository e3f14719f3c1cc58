import type { ServerResponse } from "node:http";
import type { HttpServerResponse } from "../ports/http.ts";

/** Sends an answer; a client that takes nothing of it for `idleTimeoutMs` is cut off. */
export function sendResponse(
  response: ServerResponse,
  { status, headers, body }: HttpServerResponse,
  idleTimeoutMs: number,
): void {
  response.on("error", () => {});
  if (body instanceof Uint8Array) {
    response.writeHead(status, { ...headers, "content-length": body.length });
    response.end(body);
    // The system takes small answers at once, and no timer is needed; those without a socket wait for their turn.
    const isTaken = response.socket !== null && response.socket.writableLength === 0;
    if (!isTaken) cutWhenIdle(response, idleTimeoutMs);
    return;
  }
  void stream(response, { status, headers, body: body[Symbol.asyncIterator]() }, idleTimeoutMs);
}

interface StreamedResponse {
  readonly status: number;
  readonly headers: HttpServerResponse["headers"];
  readonly body: AsyncIterator<Uint8Array>;
}

async function stream(
  response: ServerResponse,
  { status, headers, body }: StreamedResponse,
  idleTimeoutMs: number,
): Promise<void> {
  const leave = () => void body.return?.().catch(() => {});
  const isEmpty = response.req.method === "HEAD" || status === 204 || status === 304;
  try {
    if (isEmpty || response.destroyed) leave();
    response.writeHead(status, headers);
    if (isEmpty || response.destroyed) {
      response.end();
      return;
    }
    // More or less than was announced would be taken for the next answer, or waited for.
    response.strictContentLength = true;
    response.flushHeaders();
    cutWhenIdle(response, idleTimeoutMs);
    let isOver = false;
    response.once("close", () => {
      if (!isOver) leave();
      isOver = true;
    });
    for (let part = await body.next(); part.done !== true; part = await body.next()) {
      if (response.destroyed) return;
      if (part.value.length > 0) await write(response, part.value);
    }
    isOver = true;
    response.end();
  } catch {
    // Whatever was at fault: what has been sent must not be taken for all.
    response.destroy();
  }
}

/** Until the system has taken all of `part`. */
async function write(response: ServerResponse, part: Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once("close", resolve);
  response.write(part, () => resolve());
  await promise;
  response.off("close", resolve);
}

/** Node counts a write as progress when the system took some of it since it was last looked at. */
function cutWhenIdle(response: ServerResponse, idleTimeoutMs: number): void {
  response.setTimeout(idleTimeoutMs, () => {
    // With nothing left to take, it is this side that is slow.
    if ((response.socket?.writableLength ?? 0) > 0) response.destroy();
  });
}

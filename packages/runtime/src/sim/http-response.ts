import type { HttpServerResponse } from "../ports/http.ts";
import type { StreamSocket } from "../ports/net.ts";
import { formatHead } from "./http-message.ts";
import type { SimProcess } from "./sim-process.ts";

/** Who is answered. */
export interface AnsweredClient {
  readonly process: SimProcess;
  readonly socket: StreamSocket;
  readonly gone: AbortSignal;
}

const LINE_END = Buffer.from("\r\n");

/** Sends an answer and the end of the connection; a client that takes nothing of it for `idleTimeoutMs` is cut off. */
export async function sendResponse(
  client: AnsweredClient,
  method: string,
  { status, headers = {}, body }: HttpServerResponse,
  idleTimeoutMs: number,
): Promise<void> {
  const { socket } = client;
  const statusLine = `HTTP/1.1 ${status} `;
  const isEmpty = method === "HEAD" || status === 204 || status === 304;
  if (body instanceof Uint8Array) {
    const length = { "content-length": String(body.length) };
    socket.write(formatHead(statusLine, { ...headers, connection: "close", ...length }));
    if (!isEmpty) await write(client, body, idleTimeoutMs);
    socket.end();
    return;
  }
  const parts = body[Symbol.asyncIterator]();
  const announced = Object.entries(headers).find(
    ([name]) => name.toLowerCase() === "content-length",
  );
  const framing = announced === undefined ? { "transfer-encoding": "chunked" } : {};
  socket.write(formatHead(statusLine, { ...headers, connection: "close", ...framing }));
  if (isEmpty) await parts.return?.();
  else {
    const lengthBytes = announced === undefined ? null : Number(announced[1]);
    await stream(client, parts, lengthBytes, idleTimeoutMs);
  }
  socket.end();
}

/** @throws when the body fails, or does not have its length. */
async function stream(
  client: AnsweredClient,
  parts: AsyncIterator<Uint8Array>,
  lengthBytes: number | null,
  idleTimeoutMs: number,
): Promise<void> {
  const leave = () => void parts.return?.().catch(() => {});
  if (client.gone.aborted) leave();
  else client.gone.addEventListener("abort", leave, { once: true });
  let left = lengthBytes ?? Infinity;
  for (let part = await parts.next(); part.done !== true; part = await parts.next()) {
    if (client.gone.aborted) return;
    const { length } = part.value;
    left -= length;
    if (left < 0) throw new RangeError("A body is longer than it was announced to be");
    if (length === 0) continue;
    if (lengthBytes === null) client.socket.write(Buffer.from(`${length.toString(16)}\r\n`));
    await write(client, part.value, idleTimeoutMs);
    if (lengthBytes === null) client.socket.write(LINE_END);
  }
  client.gone.removeEventListener("abort", leave);
  if (lengthBytes !== null && left > 0) {
    throw new RangeError(`A body is ${left} bytes shorter than it was announced to be`);
  }
  if (lengthBytes === null) client.socket.write(Buffer.from("0\r\n\r\n"));
}

/** Until the client's side has taken all of `bytes`, or is gone. */
async function write(
  { process, socket, gone }: AnsweredClient,
  bytes: Uint8Array,
  idleTimeoutMs: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let lastQueued = -1;
  const look = () => {
    if (socket.queuedBytes === lastQueued) socket.destroy();
    lastQueued = socket.queuedBytes;
    timer = process.later(idleTimeoutMs, look);
  };
  let timer = process.later(idleTimeoutMs, look);
  const done = () => resolve();
  gone.addEventListener("abort", done, { once: true });
  socket.write(bytes, done);
  await promise;
  gone.removeEventListener("abort", done);
  process.world.loop.cancel(timer);
}

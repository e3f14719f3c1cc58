import type { StreamReader } from "./stream-reader.ts";

/** Start line and headers of an HTTP/1.1 message. */
export interface Head {
  readonly startLine: string;
  /** Names in lower case; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
}

export const MAX_HEAD_BYTES = 16 * 1024;

export function formatHead(
  startLine: string,
  headers: Readonly<Record<string, string>>,
): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${startLine}\r\n${lines.join("")}\r\n`, "latin1");
}

/** The next head; null when the stream ends before it, it is too long, or it is no HTTP. */
export async function readHead(reader: StreamReader): Promise<Head | null> {
  const bytes = await reader.readUntil("\r\n\r\n", MAX_HEAD_BYTES);
  if (bytes === null) return null;
  const [startLine = "", ...lines] = Buffer.from(bytes).toString("latin1").split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match === null) return null;
    const [, rawName = "", value = ""] = match;
    const name = rawName.toLowerCase();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return { startLine, headers };
}

/**
 * The parts of a response's body.
 * @throws {Error} when the stream ends before the body does.
 */
export async function* readBody(
  reader: StreamReader,
  headers: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  if (headers["transfer-encoding"]?.toLowerCase() === "chunked") {
    for (;;) {
      const line = await reader.readUntil("\r\n", 64);
      const lengthBytes = line === null ? NaN : parseInt(Buffer.from(line).toString("latin1"), 16);
      if (!Number.isSafeInteger(lengthBytes)) throw new Error("a chunk has no length");
      if (lengthBytes > 0) yield* readExactly(reader, lengthBytes);
      await reader.readUntil("\r\n", 2);
      if (lengthBytes === 0) return;
    }
  }
  const length = headers["content-length"];
  if (length !== undefined) {
    yield* readExactly(reader, Number(length));
    return;
  }
  for (let part = await read(reader); part !== null; part = await read(reader)) yield part;
}

async function* readExactly(reader: StreamReader, lengthBytes: number): AsyncGenerator<Uint8Array> {
  for (let left = lengthBytes; left > 0;) {
    const part = await reader.readSome(left);
    if (part === null) throw new Error(`the connection ended ${left} bytes before the body`);
    left -= part.length;
    yield part;
  }
}

async function read(reader: StreamReader): Promise<Uint8Array | null> {
  return await reader.readSome(Infinity);
}

import type { IncomingMessage } from "node:http";

const NOTHING = new Uint8Array();

/** A request's body. What is announced as too long is not waited for. */
export async function readBody(
  request: IncomingMessage,
  headers: Readonly<Record<string, string>>,
  maxBytes: number,
): Promise<Uint8Array | "too-long" | "broken"> {
  const { "content-length": length = "0", "transfer-encoding": encoding } = headers;
  if (Number(length) > maxBytes || (encoding !== undefined && maxBytes === 0)) return "too-long";
  if (length === "0" && encoding === undefined) {
    request.resume();
    return NOTHING;
  }
  if (request.destroyed) return "broken";
  const parts: Uint8Array[] = [];
  let lengthBytes = 0;
  const { promise, resolve } = Promise.withResolvers<Uint8Array | "too-long" | "broken">();
  request.on("data", (part: Buffer) => {
    lengthBytes += part.length;
    if (lengthBytes > maxBytes) {
      request.pause();
      resolve("too-long");
    } else parts.push(part);
  });
  request.on("end", () => resolve(Buffer.concat(parts)));
  request.on("error", () => resolve("broken"));
  request.on("close", () => resolve("broken"));
  return await promise;
}

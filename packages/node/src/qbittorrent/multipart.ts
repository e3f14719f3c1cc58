import { WebApiError } from "./web-api-error.ts";

/** Parts of one form: some twenty fields, and as many torrent files as anybody drops at once. */
export const MAX_PARTS = 500;
/** Bytes of a part's headers: a name and a file name. */
export const MAX_PART_HEADER_BYTES = 4096;

/** One field of a form. */
export interface FormPart {
  readonly name: string;
  /** Null for a field that is no file. */
  readonly fileName: string | null;
  /** A view of the body. */
  readonly bytes: Uint8Array;
}

/**
 * Reads a form of `multipart/form-data`.
 * @param contentType With its boundary.
 * @throws {WebApiError} 400 for what is no such form, or has more than {@link MAX_PARTS} parts.
 * @see RFC 7578; RFC 2046, 5.1
 */
export function parseMultipart(contentType: string, body: Uint8Array): FormPart[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${readBoundary(contentType)}`, "latin1");
  // What stands before the first delimiter is nobody's.
  let at = bytes.indexOf(delimiter);
  if (at < 0) throw broken("it does not hold its boundary");
  const parts: FormPart[] = [];
  for (;;) {
    at += delimiter.length;
    if (bytes.subarray(at, at + 2).equals(DASHES)) return parts;
    if (parts.length === MAX_PARTS) throw broken(`it has more than ${MAX_PARTS} parts`);
    const start = skipLine(bytes, at);
    const end = bytes.indexOf(Buffer.concat([LINE_END, delimiter]), start - LINE_END.length);
    if (end < 0) throw broken("a part does not end");
    parts.push(readPart(bytes.subarray(start, Math.max(start, end))));
    at = end + LINE_END.length;
  }
}

const DASHES = Buffer.from("--");
const LINE_END = Buffer.from("\r\n");
const HEADER_END = Buffer.from("\r\n\r\n");

function readBoundary(contentType: string): string {
  const [, quoted, plain] =
    /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw broken("its content type names no boundary");
  return boundary;
}

/** Blanks may follow a delimiter before its line ends. */
function skipLine(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(LINE_END, at);
  if (
    end < 0 ||
    end - at > 70 ||
    bytes.subarray(at, end).some((byte) => byte !== 32 && byte !== 9)
  ) {
    throw broken("something stands behind a boundary");
  }
  return end + LINE_END.length;
}

function readPart(part: Buffer): FormPart {
  const end = part.indexOf(HEADER_END);
  if (end < 0 || end > MAX_PART_HEADER_BYTES) throw broken("a part's headers do not end");
  const lines = part.subarray(0, end).toString("utf8").split("\r\n");
  const disposition = lines.find((line) => /^content-disposition:/i.test(line)) ?? "";
  const name = readParameter(disposition, "name");
  if (!/^content-disposition:\s*form-data\b/i.test(disposition) || name === null) {
    throw broken("a part has no name");
  }
  return {
    name,
    fileName: readParameter(disposition, "filename"),
    bytes: part.subarray(end + HEADER_END.length),
  };
}

/** Quoted as browsers do it, or plain as some libraries do. */
function readParameter(disposition: string, name: string): string | null {
  const pattern = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, "i");
  const [, quoted, plain] = pattern.exec(disposition) ?? [];
  return quoted?.replace(/\\(.)/g, "$1") ?? plain ?? null;
}

function broken(what: string): WebApiError {
  return new WebApiError(400, `This is no form of multipart/form-data: ${what}.`);
}

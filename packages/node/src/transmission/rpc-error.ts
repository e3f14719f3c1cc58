import { ShoalError } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { InputError } from "../rest/input-error.ts";

/** Numbers of JSON-RPC 2.0, and Transmission's own, with what they are called there. */
const CODES = {
  "parse-error": [-32700, "Parse error"],
  "invalid-request": [-32600, "Invalid Request"],
  "method-not-found": [-32601, "Method not found"],
  "invalid-params": [-32602, "Invalid params"],
  "internal-error": [-32603, "Internal error"],
  "set-announce-list": [1, "error setting announce list"],
  "invalid-tracker-list": [2, "Invalid tracker list"],
  "path-not-absolute": [3, "path is not absolute"],
  "unrecognized-info": [4, "unrecognized info"],
  "system-error": [5, "system error"],
  "file-index-out-of-range": [6, "file index out of range"],
  "http-error": [8, "HTTP error from backend service"],
  "corrupt-torrent": [9, "invalid or corrupt torrent file"],
} as const satisfies Record<string, readonly [number, string]>;

export type RpcErrorCode = keyof typeof CODES;

/** A call that failed. The message says why, in the words that a person may read. */
export class RpcError extends ShoalError<RpcErrorCode> {
  constructor(code: RpcErrorCode, message: string = CODES[code][1], options?: ErrorOptions) {
    super(code, message, options);
  }

  get number(): number {
    return CODES[this.code][0];
  }
  /** What the specification calls this. */
  get title(): string {
    return CODES[this.code][1];
  }
}

/** Classes of errors that lower packages throw, by their name. */
const CODE_OF_CLASS: Readonly<Record<string, RpcErrorCode>> = {
  BencodeError: "corrupt-torrent",
  MetainfoError: "corrupt-torrent",
  MagnetError: "unrecognized-info",
  DiskError: "system-error",
  StoreError: "system-error",
  HttpError: "http-error",
  RangeError: "invalid-params",
};

/** Any failure as this interface tells it. What is not meant for callers is kept from them. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof InputError) return new RpcError("invalid-params", error.message);
  if (error instanceof NodeError) {
    const isRefused = error.status === 401 || error.status === 403;
    const code = isRefused ? "invalid-request" : "invalid-params";
    return new RpcError(error.status >= 500 ? "internal-error" : code, error.message);
  }
  if (error instanceof Error) {
    const code = CODE_OF_CLASS[error.constructor.name];
    if (code !== undefined) return new RpcError(code, error.message, { cause: error });
    if (error instanceof ShoalError) {
      return new RpcError("internal-error", error.message, { cause: error });
    }
  }
  return new RpcError("internal-error", undefined, { cause: error });
}

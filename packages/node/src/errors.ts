import { ShoalError } from "@shoal/runtime";

/** How an error of this package is answered over HTTP. */
const STATUS_OF_CODE = {
  "bad-request": 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  "too-large": 413,
  "too-many-requests": 429,
  unavailable: 503,
} as const;

/** A request that cannot be carried out. The message says what is wrong and what to do. */
export class NodeError extends ShoalError<keyof typeof STATUS_OF_CODE> {
  get status(): number {
    return STATUS_OF_CODE[this.code];
  }
}

/** Settings that cannot be used. The message names each place, a line for each problem. */
export class ConfigError extends ShoalError<"bad-settings"> {
  constructor(message: string, options?: ErrorOptions) {
    super("bad-settings", message, options);
  }
}

/** Passwords are tried too often. */
export class TooManyAttemptsError extends NodeError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    const seconds = Math.ceil(retryAfterMs / 1000);
    super("too-many-requests", `Too many attempts: try again in ${seconds} seconds.`);
    this.retryAfterMs = retryAfterMs;
  }
}

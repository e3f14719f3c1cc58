import type { Problem, ProblemReason } from "@shoal/api";
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

/** What tells a problem apart from others of its code, with the figures of its message. */
export interface NodeErrorOptions extends ErrorOptions {
  readonly reason?: ProblemReason;
  readonly values?: NonNullable<Problem["values"]>;
}

/** A request that cannot be carried out. The message says what is wrong and what to do. */
export class NodeError extends ShoalError<keyof typeof STATUS_OF_CODE> {
  readonly reason?: ProblemReason;
  readonly values?: NonNullable<Problem["values"]>;

  constructor(
    code: keyof typeof STATUS_OF_CODE,
    message: string,
    { reason, values, ...options }: NodeErrorOptions = {},
  ) {
    super(code, message, options);
    if (reason !== undefined) this.reason = reason;
    if (values !== undefined) this.values = values;
  }

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
    super("too-many-requests", `Too many attempts: try again in ${seconds} seconds.`, {
      reason: "too-many-attempts",
      values: { seconds },
    });
    this.retryAfterMs = retryAfterMs;
  }
}

import type { Problem } from "@shoal/api";
import { NodeError, TooManyAttemptsError } from "../errors.ts";
import { InputError } from "./input-error.ts";

/** How a failed request is answered. */
export interface Failure {
  readonly status: number;
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** Codes of lower packages that are the caller's mistake, or the state of things; the rest are 500. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  "bad-settings": 400,
  "not-found": 404,
  "duplicate-torrent": 409,
  exists: 409,
  "name-taken": 409,
  "insufficient-funds": 402,
  closed: 503,
};

/** What a handler threw, in the form of the interface. Only what is known to be meant for the caller is told. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof InputError) {
    const { code, message, problems } = error;
    return answer(400, { code, message, details: [...problems] });
  }
  if (error instanceof TooManyAttemptsError) {
    const seconds = Math.ceil(error.retryAfterMs / 1000);
    return { ...answer(error.status, error), headers: { "retry-after": String(seconds) } };
  }
  if (error instanceof NodeError) return answer(error.status, error);
  if (error instanceof RangeError) {
    return answer(400, { code: "bad-input", message: error.message });
  }
  if (hasCode(error)) {
    const { code, message } = error;
    return answer(STATUS_OF_CODE[code] ?? 422, { code, message });
  }
  return answer(500, {
    code: "failed",
    message: "This failed inside the daemon; its log says more.",
  });
}

function answer(status: number, { code, message, reason, values, details }: Problem): Failure {
  const problem = {
    ...{ code, message },
    ...(reason && { reason }),
    ...(values && { values }),
    ...(details && { details }),
  };
  return { status, problem, headers: {} };
}

/** Every error of ours has a code, also of packages that do not know `ShoalError`; Node's own are no business of callers. */
function hasCode(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    !error.code.startsWith("ERR_")
  );
}

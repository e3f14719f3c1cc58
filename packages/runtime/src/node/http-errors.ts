import { HttpError, NetError, ShoalError } from "../errors.ts";

/** The system's error about a request as an `HttpError` that says what to do. */
export function toHttpError(cause: unknown, url: URL): HttpError {
  if (cause instanceof HttpError) return cause;
  const { code: systemCode = "", message } = cause as NodeJS.ErrnoException;
  const target = `${url.protocol}//${url.host}`;
  if (cause instanceof NetError) {
    // It was a connection of the Net port.
    const { code } = cause;
    const isKnown = code === "refused" || code === "timeout" || code === "aborted";
    const text = `The request to ${target} failed: ${message}`;
    return new HttpError(isKnown ? code : "failed", text, { cause });
  }
  // The latter is of a Unix socket whose file is not there.
  if (systemCode === "ECONNREFUSED" || systemCode === "ENOENT") {
    return new HttpError("refused", `${target} refused the connection: nothing listens there.`, {
      cause,
    });
  }
  if (systemCode === "ETIMEDOUT") {
    return new HttpError("timeout", `${target} did not answer in time.`, { cause });
  }
  if (systemCode.startsWith("HPE_")) {
    return new HttpError("bad-response", `${target} did not answer in HTTP (${message}).`, {
      cause,
    });
  }
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(systemCode)) {
    return new HttpError(
      "tls",
      `${target} has no certificate to trust (${systemCode}). Check the address.`,
      { cause },
    );
  }
  const reason = cause instanceof ShoalError || systemCode === "" ? message : systemCode;
  return new HttpError("failed", `The request to ${target} failed: ${reason}`, { cause });
}

/**
 * What every error of Shoal extends. Code branches on `code`, never on the text.
 */
export abstract class ShoalError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

export class NetError extends ShoalError<
  | "refused"
  | "unreachable"
  | "timeout"
  | "aborted"
  | "reset"
  | "address-in-use"
  | "address-unavailable"
  | "denied"
  /** It would not go the one way that everything has to go: through the proxy, or by the chosen interface. */
  | "off"
  /** The proxy is not there, does not let this side in, or does not speak as it should. */
  | "proxy-failed"
  | "failed"
> {}

export class DnsError extends ShoalError<"not-found" | "failed"> {}

export class HttpError extends ShoalError<
  | "refused"
  | "timeout"
  | "aborted"
  | "tls"
  | "bad-response"
  | "too-many-redirects"
  | "address-in-use"
  | "failed"
> {}

export class DiskError extends ShoalError<
  | "full"
  | "denied"
  | "missing"
  | "exists"
  | "not-a-file"
  | "too-long"
  | "escapes-root"
  | "io"
  | "locked"
  | "closed"
> {
  /** The file or folder concerned. */
  readonly path: string;

  constructor(
    code:
      | "full"
      | "denied"
      | "missing"
      | "exists"
      | "not-a-file"
      | "too-long"
      | "escapes-root"
      | "io"
      | "locked"
      | "closed",
    path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.path = path;
  }
}

export class StoreError extends ShoalError<
  "constraint" | "full" | "corrupt" | "busy" | "newer-schema" | "closed" | "failed"
> {}

export class PoolExhaustedError extends ShoalError<"pool-exhausted"> {}

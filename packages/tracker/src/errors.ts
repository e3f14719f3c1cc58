import { ShoalError } from "@shoal/runtime";

export type TrackerErrorCode =
  | "aborted"
  | "bad-response"
  | "bad-url"
  | "failure"
  | "forbidden-address"
  | "not-found"
  | "refused"
  | "timeout"
  | "unreachable"
  | "unsupported-scheme"
  | "unsupported-scrape";

/** An announce or a scrape that brought nothing. */
export class TrackerError extends ShoalError<TrackerErrorCode> {
  /** The tracker's URL, as the torrent gives it. */
  readonly url: string;
  /** What the tracker asks for after a `failure` (BEP 31): minutes to wait, or never to come back. */
  readonly retryInMinutes: number | "never" | null;

  constructor(
    code: TrackerErrorCode,
    url: string,
    message: string,
    options?: ErrorOptions & { retryInMinutes?: number | "never" | undefined },
  ) {
    super(code, message, options);
    this.url = url;
    this.retryInMinutes = options?.retryInMinutes ?? null;
  }
}

/** A list of torrents or addresses that cannot be read. */
export class TrackerListError extends ShoalError<"bad-line"> {
  /** Counted from 1. */
  readonly line: number;

  constructor(code: "bad-line", line: number, message: string) {
    super(code, `line ${line}: ${message}`);
    this.line = line;
  }
}

/** An account of a private tracker that is there already, or is not. */
export class AccountError extends ShoalError<"duplicate-account" | "unknown-account"> {}

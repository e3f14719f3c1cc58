import { ShoalError } from "@shoal/runtime";

/** Why a feed, or what one of its items leads to, cannot be had. */
export class FeedError extends ShoalError<
  "not-a-feed" | "too-large" | "forbidden-address" | "bad-status" | "bad-torrent"
> {
  /** When the server wants to be asked again, in milliseconds from then; null where it does not say. */
  readonly retryInMs: number | null;

  constructor(code: FeedError["code"], message: string, retryInMs: number | null = null) {
    super(code, message);
    this.retryInMs = retryInMs;
  }
}

import type { SessionDescription } from "@shoal/protocol";
import type { StreamSocket } from "@shoal/runtime";

/** One side of a connection to be: what the other side has to be told, and what comes of it. */
export interface WebRtcAttempt {
  /** What to tell the other side, by whatever way: complete, with all candidates. */
  readonly description: SessionDescription;
  /**
   * The stream, once both sides have found each other. Its ports are 0, since nobody else can connect to it;
   * an address that the other side hides is one of 100::/64 (RFC 6666), another one for each stream.
   * Rejects with {@link WebRtcError} `timeout` or `closed`. Nobody has to wait for it.
   */
  readonly socket: Promise<StreamSocket>;
  /** Gives up, unless the stream is there. */
  cancel(): void;
}

/** An attempt of this side's own: it waits for an answer. */
export interface WebRtcOffer extends WebRtcAttempt {
  /**
   * Takes the other side's answer; only the first counts.
   * @throws {WebRtcError} `bad-description`; the attempt has ended then.
   */
  accept(answer: SessionDescription): Promise<void>;
}

/**
 * WebRTC data channels as streams. How descriptions get to the other side (signalling) is the caller's
 * affair: they are values.
 */
export interface WebRtc {
  /** Whether connections can be made here at all. */
  isAvailable(): Promise<boolean>;
  /**
   * Begins a connection. Whoever does not accept an answer cancels it.
   * @throws {WebRtcError} `library-missing`.
   */
  offer(): Promise<WebRtcOffer>;
  /**
   * Answers another's offer.
   * @throws {WebRtcError} `bad-description` or `library-missing`.
   */
  answer(offer: SessionDescription): Promise<WebRtcAttempt>;
  /** Ends all attempts and all streams. */
  close(): void;
}

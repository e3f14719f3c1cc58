import type { Endpoint } from "./net.ts";

/** Where a WebSocket's messages go. */
export interface WebSocketSink {
  /** One message, as text whichever kind of frame it came in. Broken UTF-8 closes the connection. */
  message(text: string): void;
  /** The connection is gone: nothing more is called after this. `error` is null after an orderly close. */
  closed(error: Error | null): void;
}

/**
 * A WebSocket (RFC 6455). A message beyond 256 KiB closes it, and so does a silence of a minute in
 * which the other side does not even answer a ping.
 */
export interface WebSocketConnection {
  readonly remote: Endpoint;
  /** Bytes handed to `send` that the transport has not yet taken. */
  readonly queuedBytes: number;
  /** Starts reading. Called once, within the turn that handed the connection out. */
  receive(sink: WebSocketSink): void;
  /** Sends one text message; on a closed connection it is dropped. */
  send(text: string): void;
  /** Says goodbye and closes; what is queued is sent first. */
  close(): void;
  /** Drops what is queued and closes now. */
  destroy(): void;
}

export interface WebSocketRequest {
  /** `ws:` or `wss:`. */
  readonly url: string;
  /** Time until the connection is open; 30 s when absent. */
  readonly timeoutMs?: number;
  /** As of `HttpRequest.allow`; there are no redirects. */
  readonly allow?: (target: { url: URL; address: string }) => void;
  readonly localAddress?: string;
  readonly signal?: AbortSignal;
}

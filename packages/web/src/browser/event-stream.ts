import { API_PREFIX, type EventData, type EventName } from "@shoal/api/client";
import { addressOf, authorization, place } from "./connection.ts";
import { createSseParser } from "./sse-parser.ts";

/** `open`: events come. `lost`: nobody answers; it is tried again. `refused`: this caller may not. */
export type StreamState = "connecting" | "open" | "lost" | "refused";

export type DaemonEvent = {
  [Name in EventName]: { readonly name: Name; readonly data: EventData<Name> };
}[EventName];

export interface EventStreamOptions {
  /** Which events, such as `sites,wallet`; all that this caller may have when absent. */
  readonly topics?: string;
  readonly onEvent: (event: DaemonEvent) => void;
  readonly onState: (state: StreamState) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The daemon sends a comment at least this often; silence for longer is a dead connection. */
const SILENCE_MS = 60_000;

/**
 * Follows the daemon's events until it is stopped, connecting again whenever the connection ends. It reads with
 * `fetch`, since `EventSource` cannot send a key.
 * @returns what stops it.
 */
export function followEvents({ topics, onEvent, onState }: EventStreamOptions): () => void {
  const stopping = new AbortController();
  const query = topics === undefined ? "" : `?topics=${topics}`;
  const target = `${API_PREFIX}/events${query}`;
  const follow = async (): Promise<void> => {
    let waitMs = FIRST_WAIT_MS;
    while (!stopping.signal.aborted) {
      onState("connecting");
      const { ended, hasOpened } = await readOnce(target, stopping.signal, onEvent, onState);
      if (stopping.signal.aborted) return;
      if (hasOpened) waitMs = FIRST_WAIT_MS;
      onState(ended);
      if (ended === "refused") return;
      // Spread, so that a hundred pages do not all come back to a daemon in the moment it starts.
      await pause(waitMs * (0.5 + Math.random()), stopping.signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  };
  void follow();
  return () => stopping.abort();
}

async function readOnce(
  target: string,
  stop: AbortSignal,
  onEvent: (event: DaemonEvent) => void,
  onState: (state: StreamState) => void,
): Promise<{ readonly ended: "lost" | "refused"; readonly hasOpened: boolean }> {
  let hasOpened = false;
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(), SILENCE_MS);
  try {
    const response = await fetch(addressOf(target), {
      headers: { accept: "text/event-stream", ...authorization() },
      credentials: place.peek().key === null ? "same-origin" : "omit",
      cache: "no-store",
      signal: AbortSignal.any([stop, quiet.signal]),
    });
    if (response.status === 401 || response.status === 403) return { ended: "refused", hasOpened };
    if (!response.ok || response.body === null) return { ended: "lost", hasOpened };
    hasOpened = true;
    onState("open");
    const take = createSseParser(({ name, data }) =>
      onEvent({ name, data: JSON.parse(data) as unknown } as DaemonEvent),
    );
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { ended: "lost", hasOpened };
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(), SILENCE_MS);
      take(value);
    }
  } catch {
    return { ended: "lost", hasOpened };
  } finally {
    clearTimeout(timer);
  }
}

async function pause(delayMs: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    stop.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

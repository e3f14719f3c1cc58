import type { EventData, EventName } from "@shoal/api";
import type { Clock, HttpServerResponse, Timer } from "@shoal/runtime";
import { NodeError } from "../errors.ts";

const TICK_MS = 1000;
/** Proxies and browsers cut connections that say nothing for a minute. */
const HEARTBEAT_MS = 15_000;
/** Tabs of a household's browsers, and programs beside them. */
const MAX_CLIENTS = 256;
/** What waits for a client that does not read: more than the first burst of ten thousand torrents' changes. */
const MAX_WAITING_BYTES = 8 * 2 ** 20;

const HEARTBEAT = Buffer.from(": still here\n\n");
const TOPICS: readonly EventName[] = [
  "torrents",
  "transfer",
  "log",
  "wallet",
  "trading",
  "sample",
  "sites",
];

/** Computes an event when it is time for it and somebody listens; null: nothing to tell. */
export type EventSource<Name extends EventName> = () => EventData<Name> | null;

interface Client {
  readonly topics: ReadonlySet<string>;
  readonly waiting: Uint8Array[];
  waitingBytes: number;
  sentAtMs: number;
  isOver: boolean;
  wake: (() => void) | null;
}

/**
 * The daemon's server-sent events. What is told is computed and written once, however many listen. Who does not keep up
 * is cut off, and sees the whole state when it comes back.
 */
export class EventStream {
  readonly #clock: Clock;
  readonly #version: string;
  readonly #clients = new Set<Client>();
  readonly #sources = new Map<EventName, EventSource<EventName>>();
  readonly #ticker: Timer;
  #isClosed = false;

  constructor(clock: Clock, version: string) {
    this.#clock = clock;
    this.#version = version;
    this.#ticker = clock.setRepeating(TICK_MS, () => this.#tick());
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Whether anybody would hear of it. */
  hasListeners(topic: EventName): boolean {
    for (const { topics } of this.#clients) if (topics.has(topic)) return true;
    return false;
  }

  /** Has `source` asked once a second, as long as somebody listens to the topic. */
  everySecond<Name extends EventName>(topic: Name, source: EventSource<Name>): void {
    this.#sources.set(topic, source);
  }

  /** Tells everybody who listens to the topic. */
  publish<Name extends EventName>(topic: Name, data: EventData<Name>): void {
    if (!this.hasListeners(topic)) return;
    const chunk = format(topic, data);
    for (const client of this.#clients) if (client.topics.has(topic)) this.#send(client, chunk);
  }

  /**
   * Opens a stream for a client.
   * @param wanted Topics, separated by commas; all when absent.
   * @param may Whether the client may know of a topic.
   * @throws {NodeError} `bad-request` for a topic that does not exist, `too-many-requests`.
   */
  open(wanted: string | undefined, may: (topic: EventName) => boolean): HttpServerResponse {
    const names = wanted === undefined ? TOPICS : wanted.split(",").map((name) => name.trim());
    const unknown = names.find((name) => !TOPICS.includes(name as EventName));
    if (unknown !== undefined) {
      const text = `There is no topic ${JSON.stringify(unknown)}: expected ${TOPICS.join(", ")}.`;
      throw new NodeError("bad-request", text);
    }
    if (this.#clients.size >= MAX_CLIENTS) {
      throw new NodeError("too-many-requests", `${MAX_CLIENTS} clients listen already.`);
    }
    const topics = new Set(names.filter((name) => may(name as EventName)));
    // Whoever comes first sees the whole state elsewhere: what was noted for nobody is old.
    if (topics.has("torrents") && !this.hasListeners("torrents")) this.#sources.get("torrents")?.();
    const client: Client = {
      topics,
      waiting: [format("hello", { version: this.#version })],
      waitingBytes: 0,
      sentAtMs: this.#clock.monotonicMs(),
      isOver: this.#isClosed,
      wake: null,
    };
    this.#clients.add(client);
    return {
      status: 200,
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        // nginx holds back what it proxies, unless told otherwise.
        "x-accel-buffering": "no",
      },
      body: this.#read(client),
    };
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosed = true;
    this.#ticker.cancel();
    for (const client of [...this.#clients]) this.#end(client);
  }

  #read(client: Client): AsyncIterable<Uint8Array> {
    const leave = (): void => this.#end(client);
    return {
      [Symbol.asyncIterator]() {
        return {
          async next() {
            while (client.waiting.length === 0 && !client.isOver) {
              await new Promise<void>((resolve) => (client.wake = resolve));
            }
            if (client.isOver) return { done: true, value: undefined };
            const [first] = client.waiting;
            const value = client.waiting.length === 1 ? first! : Buffer.concat(client.waiting);
            client.waiting.length = 0;
            client.waitingBytes = 0;
            return { done: false, value };
          },
          async return() {
            leave();
            return { done: true, value: undefined };
          },
        };
      },
    };
  }

  #send(client: Client, chunk: Uint8Array): void {
    client.sentAtMs = this.#clock.monotonicMs();
    client.waitingBytes += chunk.length;
    if (client.waitingBytes > MAX_WAITING_BYTES) return this.#end(client);
    client.waiting.push(chunk);
    client.wake?.();
    client.wake = null;
  }

  #end(client: Client): void {
    client.isOver = true;
    client.waiting.length = 0;
    this.#clients.delete(client);
    client.wake?.();
  }

  #tick(): void {
    for (const [topic, source] of this.#sources) {
      if (!this.hasListeners(topic)) continue;
      const data = source();
      if (data !== null) this.publish(topic, data);
    }
    const nowMs = this.#clock.monotonicMs();
    for (const client of this.#clients) {
      if (nowMs - client.sentAtMs >= HEARTBEAT_MS) this.#send(client, HEARTBEAT);
    }
  }
}

function format(name: EventName, data: unknown): Uint8Array {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** How long to wait before asking again, doubled each time. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export interface EventFeedInit {
  /** Opens the stream; null where there is nothing to listen to. */
  readonly open: () => Promise<Response> | null;
  readonly onEvent: (name: string, data: unknown) => void;
  /** The stream cannot be had (any more); it is tried again. */
  readonly onBroken: () => void;
  /** The stream is refused: it is not tried again. */
  readonly onRefused: () => void;
}

/** Server-sent events over `fetch`, which `EventSource` cannot ask for with a header. */
export class EventFeed {
  readonly #init: EventFeedInit;
  /** Counts starts and stops: what belongs to an earlier one comes to nothing. */
  #turn = 0;
  #isRunning = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(init: EventFeedInit) {
    this.#init = init;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#pauseMs = FIRST_PAUSE_MS;
    void this.#listen(++this.#turn);
  }

  stop(): void {
    this.#isRunning = false;
    this.#turn++;
    clearTimeout(this.#timer);
    void this.#reader?.cancel().catch(() => {});
    this.#reader = null;
  }

  async #listen(turn: number): Promise<void> {
    try {
      const response = await this.#init.open();
      if (turn !== this.#turn) return void response?.body?.cancel().catch(() => {});
      if (response === null || response.status === 401) {
        this.stop();
        this.#init.onRefused();
        return;
      }
      if (response.ok && response.body !== null) await this.#read(response.body, turn);
    } catch {}
    if (turn !== this.#turn) return;
    this.#reader = null;
    this.#init.onBroken();
    // What it was broken for may have stopped it.
    if (turn !== this.#turn) return;
    this.#timer = setTimeout(() => void this.#listen(turn), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async #read(body: ReadableStream<Uint8Array>, turn: number): Promise<void> {
    const reader = body.getReader();
    this.#reader = reader;
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done || turn !== this.#turn) return;
      text += decoder.decode(value, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
        if (name === undefined || data === undefined || turn !== this.#turn) continue;
        this.#pauseMs = FIRST_PAUSE_MS;
        this.#init.onEvent(name, JSON.parse(data));
      }
    }
  }
}

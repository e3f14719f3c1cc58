import type { Clock, HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import { RequestMeter } from "../metrics/request-meter.ts";

type Answer = (request: HttpServerRequest) => HttpServerResponse | Promise<HttpServerResponse>;

/**
 * Who answers at the daemon's ports over its life: while it starts and while it ends requests are told so, so that
 * whoever waits for it learns more than that a port is closed.
 */
export class Reception {
  /** Of requests that were answered. */
  readonly requests = new RequestMeter();
  readonly #clock: Clock;
  #answer: Answer | null = null;
  #why = "The daemon is starting: its torrents are being brought back.";
  #underWay = 0;
  #whenQuiet: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From here on requests are answered. */
  open(answer: Answer): void {
    this.#answer = answer;
  }

  /** Refuses new requests. Resolves once those under way are answered. */
  async drain(): Promise<void> {
    this.#answer = null;
    this.#why = "The daemon is ending.";
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => (this.#whenQuiet = resolve));
  }

  async handle(request: HttpServerRequest): Promise<HttpServerResponse> {
    const answer = this.#answer;
    if (answer === null) return this.#refuse(request);
    this.#underWay += 1;
    const startMs = this.#clock.monotonicMs();
    try {
      const response = await answer(request);
      this.requests.add(response.status, this.#clock.monotonicMs() - startMs);
      return response;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#whenQuiet?.();
    }
  }

  #refuse({ target }: HttpServerRequest): HttpServerResponse {
    // It lives: that much can be said to anybody.
    if (target === "/healthz") return { status: 200, body: Buffer.from("ok\n") };
    const problem = { code: "unavailable", message: this.#why };
    return {
      status: 503,
      headers: { "content-type": "application/json; charset=utf-8", "retry-after": "1" },
      body: Buffer.from(JSON.stringify(problem)),
    };
  }
}

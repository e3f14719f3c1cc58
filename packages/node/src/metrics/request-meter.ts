import type { Sample } from "./metrics.ts";

/** In seconds: what a person does not notice, and what a program waits for. */
const BUCKETS_S = [0.005, 0.02, 0.1, 0.5, 2] as const;

/** Counts the requests of the daemon, and how long their answers took to begin. */
export class RequestMeter {
  readonly #byClass = new Map<string, number>();
  /** How many took no longer than each bucket's time. */
  readonly #within: number[] = BUCKETS_S.map(() => 0);
  #count = 0;
  #sumS = 0;

  add(status: number, tookMs: number): void {
    const name = `${Math.floor(status / 100)}xx`;
    this.#byClass.set(name, (this.#byClass.get(name) ?? 0) + 1);
    const tookS = tookMs / 1000;
    this.#count += 1;
    this.#sumS += tookS;
    BUCKETS_S.forEach((most, index) => {
      if (tookS <= most) this.#within[index]! += 1;
    });
  }

  samples(): Sample[] {
    const name = "shoal_http_request_seconds";
    return [
      ...[...this.#byClass].map(([status, value]) => {
        return { name: "shoal_http_requests_total" as const, labels: { status }, value };
      }),
      ...BUCKETS_S.map((most, index) => {
        const labels = { le: String(most) };
        return { name, suffix: "_bucket", labels, value: this.#within[index]! } as const;
      }),
      { name, suffix: "_bucket", labels: { le: "+Inf" }, value: this.#count },
      { name, suffix: "_sum", value: this.#sumS },
      { name, suffix: "_count", value: this.#count },
    ];
  }
}

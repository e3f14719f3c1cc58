import type { Transfer } from "../torrent/transfer.ts";
import { WebSeed, type WebSeedServices } from "./web-seed.ts";
import type { WebSeedStatus } from "./web-seed-status.ts";

/** Web seeds of a torrent: the rest of a longer list is ignored. */
const MAX_WEB_SEEDS = 100;
/** Web seeds that are asked at once. */
const MAX_ACTIVE = 8;

/** The web seeds of one torrent (BEP 19). */
export class WebSeeds {
  readonly #services: WebSeedServices;
  readonly #onChange: (status: WebSeedStatus) => void;
  readonly #seeds = new Map<string, WebSeed>();
  #transfer: Transfer | null = null;
  #isStarted = false;

  /** @param onChange Called when the state of one has changed. */
  constructor(services: WebSeedServices, onChange: (status: WebSeedStatus) => void) {
    this.#services = services;
    this.#onChange = onChange;
  }

  /**
   * @param origin Who named the URL. What a torrent names may not ask for everything at private addresses.
   * @returns whether it was added: it is an http or https URL, not known yet, and there is room.
   */
  add(url: string, origin: "torrent" | "user"): boolean {
    const protocol = URL.parse(url)?.protocol;
    const isWeb = protocol === "http:" || protocol === "https:";
    if (!isWeb || this.#seeds.has(url) || this.#seeds.size >= MAX_WEB_SEEDS) return false;
    const isTrusted = origin === "user";
    this.#seeds.set(url, new WebSeed(url, isTrusted, this.#services, this.#onChange));
    this.#fill();
    return true;
  }

  /** Ends its requests and forgets it. @returns whether it was known. */
  remove(url: string): boolean {
    const seed = this.#seeds.get(url);
    if (seed === undefined) return false;
    this.#seeds.delete(url);
    seed.stop();
    this.#fill();
    return true;
  }

  status(): WebSeedStatus[] {
    return [...this.#seeds.values()].map((seed) => seed.status());
  }

  /** Data can be moved from here on. */
  begin(transfer: Transfer): void {
    this.#transfer = transfer;
    this.#fill();
  }

  start(): void {
    this.#isStarted = true;
    this.#fill();
  }

  stop(): void {
    this.#isStarted = false;
    for (const seed of this.#seeds.values()) seed.stop();
  }

  /** Called about once a second. */
  tick(): void {
    this.#fill();
  }

  /** It is proven to have sent bad data. @returns whether there is such a web seed. */
  ban(url: string, reason: string): boolean {
    const seed = this.#seeds.get(url);
    seed?.ban(reason);
    return seed !== undefined;
  }

  #fill(): void {
    if (this.#transfer === null || !this.#isStarted) return;
    let active = 0;
    for (const seed of this.#seeds.values()) if (isActive(seed)) active++;
    for (const seed of this.#seeds.values()) {
      const wasActive = isActive(seed);
      if (!wasActive && active >= MAX_ACTIVE) continue;
      seed.fill(this.#transfer);
      if (!wasActive && isActive(seed)) active++;
    }
  }
}

function isActive({ state }: WebSeed): boolean {
  return state === "active";
}

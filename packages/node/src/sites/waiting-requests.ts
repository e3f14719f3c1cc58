import type { Answer, Input } from "@shoal/api";
import type { Clock, Random, Timer } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { providerError } from "./provider-error.ts";
import { Refusals } from "./refusals.ts";

/** Long enough to fetch a password, too short to be forgotten and found later. */
export const REQUEST_MS = 5 * 60_000;

/** A list that somebody still reads. A browser has six connections to a site, and events take one of them. */
export const MAX_WAITING_OF_ORIGIN = 4;
/** Of all origins; strangers, who may be as many as they like, take half of it at the most. */
export const MAX_WAITING = 32;
export const MAX_WAITING_STRANGERS = 16;

export type SiteRequest = Answer<"listSiteRequests">["requests"][number];
export type SiteReply = Input<"answerSiteRequest">;

/** What is shown of a request, beside what the waiting room adds. */
export type ShownRequest = Omit<SiteRequest, "id" | "origin" | "siteId" | "atMs" | "expiresAtMs">;

/** Something that a site asks the user for. */
export interface Asking {
  readonly origin: string;
  /** Null for a stranger. */
  readonly siteId: string | null;
  /** May be others later, as a fee that has risen. */
  readonly shown: ShownRequest;
  /**
   * Does what was asked for.
   * @param id The request's, which is never another's.
   * @returns what the site is answered. What it throws is told to the user, and the request waits on.
   */
  carryOut(reply: SiteReply, id: string): Promise<unknown>;
}

interface Waiting {
  readonly id: string;
  readonly asking: Asking;
  readonly atMs: number;
  readonly expiresAtMs: number;
  readonly timer: Timer;
  readonly outcome: PromiseWithResolvers<unknown>;
  isBeingAnswered: boolean;
  /** What ended it while it was being answered: it counts where the answer comes to nothing. */
  endedBy: Error | null;
}

export interface WaitingRequestsInit {
  readonly clock: Clock;
  readonly random: Random;
  /** Told whenever the list is another. */
  readonly changed: () => void;
}

/** Only one of these waits of an origin: a second would ask the same. */
const ONCE: ReadonlySet<string> = new Set(["connect", "switch-network"]);

/** What sites ask and the user has not answered yet. */
export class WaitingRequests {
  readonly #init: WaitingRequestsInit;
  readonly #waiting = new Map<string, Waiting>();
  readonly #refusals: Refusals;

  constructor(init: WaitingRequestsInit) {
    this.#init = init;
    this.#refusals = new Refusals(init.clock);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Makes sure that another request may wait, before anything is found out for it.
   * @throws {RpcError} -32002, -32005.
   */
  assertRoom({
    origin,
    siteId,
    kind,
  }: Pick<Asking, "origin" | "siteId"> & Pick<SiteRequest, "kind">): void {
    if (this.#refusals.isPaused(origin)) {
      throw providerError("limit", "The user has refused this site too often: try later.");
    }
    const all = [...this.#waiting.values()].map(({ asking }) => asking);
    const own = all.filter((each) => each.origin === origin);
    if (ONCE.has(kind) && own.some(({ shown }) => shown.kind === kind)) {
      throw providerError("waiting", "This is being asked already: answer it in Shoal.");
    }
    if (own.length >= MAX_WAITING_OF_ORIGIN) {
      const text = `${MAX_WAITING_OF_ORIGIN} requests wait already: answer them in Shoal.`;
      throw providerError("limit", text);
    }
    const strangers = all.filter((each) => each.siteId === null).length;
    if (all.length >= MAX_WAITING || (siteId === null && strangers >= MAX_WAITING_STRANGERS)) {
      throw providerError("limit", "Shoal is being asked too many things at once.");
    }
  }

  /**
   * Waits for the user.
   * @param gone Aborted when the site does not wait for the answer any more.
   * @returns what `carryOut` returned.
   * @throws {RpcError} 4001 when the user refuses, or does not answer in time; what `cancel` was given.
   */
  async ask(asking: Asking, gone: AbortSignal): Promise<unknown> {
    const { origin, siteId, shown } = asking;
    this.assertRoom({ origin, siteId, kind: shown.kind });
    const { clock, random, changed } = this.#init;
    const id = Buffer.from(random.bytes(16)).toString("hex");
    const atMs = Math.floor(clock.nowMs());
    const outcome = Promise.withResolvers<unknown>();
    const leave = (): void => {
      this.#fail(id, providerError("rejected", "The page went away."));
    };
    const timer = clock.setTimer(REQUEST_MS, () => {
      this.#fail(id, providerError("rejected", "Nobody answered this in Shoal in time."));
    });
    const waiting: Waiting = {
      ...{ id, asking, atMs, timer, outcome },
      expiresAtMs: atMs + REQUEST_MS,
      isBeingAnswered: false,
      endedBy: null,
    };
    this.#waiting.set(id, waiting);
    changed();
    gone.addEventListener("abort", leave, { once: true });
    if (gone.aborted) leave();
    try {
      return await outcome.promise;
    } finally {
      gone.removeEventListener("abort", leave);
      timer.cancel();
      this.#waiting.delete(id);
      changed();
    }
  }

  /** Oldest first. */
  list(): SiteRequest[] {
    return [...this.#waiting.values()].map(({ id, asking, atMs, expiresAtMs }) => {
      const { origin, siteId, shown } = asking;
      return { id, origin, siteId, atMs, expiresAtMs, ...shown };
    });
  }

  /**
   * Carries out what the user says, once: a second answer finds nothing to answer.
   * @throws {NodeError} `not-found` when it was answered already, is too old, or the site has gone; `conflict` while it is
   * being answered; what `carryOut` throws: it waits on then.
   */
  async answer(reply: SiteReply): Promise<void> {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) {
      const text =
        "This was answered already, is too old, or the site does not wait for it any more.";
      throw new NodeError("not-found", text);
    }
    if (waiting.isBeingAnswered) throw new NodeError("conflict", "This is being answered already.");
    const { id, asking, outcome } = waiting;
    this.#refusals.note(asking.origin, reply.isAllowed);
    if (!reply.isAllowed) {
      this.#fail(id, providerError("rejected", "The user refused this."));
      return;
    }
    waiting.isBeingAnswered = true;
    try {
      outcome.resolve(await asking.carryOut(reply, id));
    } catch (error) {
      waiting.isBeingAnswered = false;
      if (waiting.endedBy !== null) this.#fail(id, waiting.endedBy);
      this.#init.changed();
      throw error;
    }
  }

  /** Ends those of an origin for another reason than the user's answer. @param kinds All when absent. */
  cancel(origin: string, error: Error, kinds?: readonly SiteRequest["kind"][]): void {
    for (const { id, asking } of [...this.#waiting.values()]) {
      const isMeant = kinds === undefined || kinds.includes(asking.shown.kind);
      if (asking.origin === origin && isMeant) this.#fail(id, error);
    }
  }

  /** Ends all. */
  close(): void {
    for (const id of [...this.#waiting.keys()]) {
      this.#fail(id, providerError("disconnected", "Shoal is ending."));
    }
  }

  /** What is being carried out goes on, whoever has gone meanwhile. */
  #fail(id: string, error: Error): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    if (waiting.isBeingAnswered) {
      waiting.endedBy ??= error;
      return;
    }
    this.#waiting.delete(id);
    waiting.outcome.reject(error);
  }
}

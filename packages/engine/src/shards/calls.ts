import type { ThreadLine } from "@shoal/runtime";
import { packError, type PackedError, reviveError } from "./packed-error.ts";

type Asked =
  | { readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly cancel: number };

type Told<Event> =
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly failure: PackedError }
  | { readonly event: Event };

type Arguments<Call> = Call extends (...args: infer Args) => unknown ? Args : never;
type Result<Call> = Call extends (...args: never[]) => infer Value ? Awaited<Value> : never;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Makes calls over a line, to who serves them at its other end, and hears of events there. */
export class Caller<Calls, Event> {
  readonly #line: ThreadLine;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #failure: Error | null = null;

  constructor(line: ThreadLine, onEvent: (event: Event) => void) {
    this.#line = line;
    line.receive((value) => {
      const told = value as Told<Event>;
      if ("event" in told) return this.#failure === null ? onEvent(told.event) : undefined;
      const waiting = this.#waiting.get(told.answer);
      this.#waiting.delete(told.answer);
      if ("failure" in told) waiting?.reject(reviveError(told.failure));
      else waiting?.resolve(told.value);
    });
  }

  /**
   * @throws what the call threw, as an error of the same class with the same fields; the signal's reason; what
   * {@link fail} was given; {Error} for arguments that cannot be cloned.
   */
  async call<Name extends keyof Calls & string>(
    name: Name,
    args: Arguments<Calls[Name]>,
    signal?: AbortSignal,
  ): Promise<Result<Calls[Name]>> {
    signal?.throwIfAborted();
    if (this.#failure !== null) throw this.#failure;
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#line.post({ id, name, args } satisfies Asked);
    this.#waiting.set(id, { resolve, reject });
    const cancel = (): void => {
      this.#waiting.delete(id);
      this.#line.post({ cancel: id } satisfies Asked);
      reject(signal!.reason as Error);
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return (await promise) as Result<Calls[Name]>;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Nobody answers any more: all calls fail with this error, those that come too. */
  fail(error: Error): void {
    this.#failure = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

/** How each call is carried out. The signal is aborted when the caller no longer waits. */
export type Handlers<Calls> = {
  readonly [Name in keyof Calls]: (
    args: Arguments<Calls[Name]>,
    signal: AbortSignal,
  ) => Result<Calls[Name]> | Promise<Result<Calls[Name]>>;
};

/** Serves the calls of a {@link Caller}. @returns What tells it of events. */
export function serveCalls<Calls, Event>(
  line: ThreadLine,
  handlers: Handlers<Calls>,
): (event: Event) => void {
  const running = new Map<number, AbortController>();
  const tell = (told: Told<Event>): void => line.post(told);

  async function answer(id: number, name: string, args: readonly unknown[]): Promise<void> {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const handler = handlers[name as keyof Calls];
      const value: unknown = await handler(args as never, abort.signal);
      tell({ answer: id, value });
    } catch (error) {
      tell({ answer: id, failure: packError(error) });
    } finally {
      running.delete(id);
    }
  }

  line.receive((value) => {
    const asked = value as Asked;
    if ("cancel" in asked) running.get(asked.cancel)?.abort();
    else void answer(asked.id, asked.name, asked.args);
  });
  return (event) => tell({ event });
}

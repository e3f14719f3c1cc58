/** What of a browser's window the provider uses; all but `fetch` may be missing. */
export interface Page {
  readonly fetch: typeof fetch;
  /** Where it may not be used, looking at it throws. */
  readonly localStorage?: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  readonly document?: {
    readonly visibilityState: string;
    addEventListener(type: string, listener: () => void): void;
  };
  /** Null where the browser does not let the page. */
  open?(url: string, name: string, features: string): { focus?(): void } | null;
  addEventListener?(
    type: string,
    listener: (event: { readonly key?: string | null }) => void,
  ): void;
}

/** A text that outlives the page, where the browser lets it; the page alone remembers it elsewhere. */
export class KeptText {
  readonly #page: Page;
  readonly #key: string;
  /** Undefined as long as the browser keeps it. */
  #own: string | null | undefined;

  constructor(page: Page, key: string) {
    this.#page = page;
    this.#key = key;
  }

  /** Another tab may have changed it. */
  get value(): string | null {
    if (this.#own !== undefined) return this.#own;
    try {
      return this.#page.localStorage?.getItem(this.#key) ?? null;
    } catch {
      return null;
    }
  }

  set value(value: string | null) {
    try {
      const storage = this.#page.localStorage;
      if (storage === undefined) this.#own = value;
      else if (value === null) storage.removeItem(this.#key);
      else storage.setItem(this.#key, value);
    } catch {
      this.#own = value;
    }
  }

  /** Calls `listener` when another tab has changed it. */
  watch(listener: () => void): void {
    this.#page.addEventListener?.("storage", ({ key }) => {
      if (key === this.#key || key === null) listener();
    });
  }
}

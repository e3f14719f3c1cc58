import type { Scope } from "@shoal/api";

/** Who is asking, as far as that is known. */
export interface Caller {
  /**
   * `owner`: over the Unix socket. `local`: from this machine, while no password is set. `session`: a browser that signed in.
   * `key`: a program with an API key. `nobody`: anyone else.
   */
  readonly kind: "owner" | "local" | "session" | "key" | "nobody";
  readonly scopes: ReadonlySet<Scope>;
}

import { isDeepStrictEqual } from "node:util";

/** Clients whose last answer is remembered; each may hold ten thousand torrents. */
export const MAX_CLIENTS = 10;

/** Everything that `sync/maindata` tells. Objects are told by their names, lists as sets. */
export interface MainState {
  readonly torrents: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly categories: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly tags: readonly string[];
  readonly trackers: Readonly<Record<string, readonly string[]>>;
  readonly server_state: Readonly<Record<string, unknown>>;
}

interface Told {
  readonly rid: number;
  readonly state: MainState;
}

/** Answers with what has changed since a client was last told; with everything where that is not known. */
export class MainData {
  readonly #told = new Map<string, Told>();
  #rid = 0;

  /**
   * @param client Whoever is told, such as by its cookie.
   * @param rid Of the answer that the client had last.
   */
  answer(client: string, rid: number, state: MainState): Record<string, unknown> {
    const before = this.#told.get(client);
    this.#rid = (this.#rid % 1_000_000) + 1;
    this.#told.delete(client);
    this.#told.set(client, { rid: this.#rid, state });
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_CLIENTS) this.#told.delete(oldest!);
    if (before === undefined || rid === 0 || before.rid !== rid) {
      return { rid: this.#rid, full_update: true, ...state };
    }
    return { rid: this.#rid, ...difference(before.state, state) };
  }
}

function difference(before: MainState, now: MainState): Record<string, unknown> {
  const answer: Record<string, unknown> = {};
  for (const part of ["torrents", "categories", "trackers"] as const) {
    const changed: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(now[part])) {
      const old: object | undefined = before[part][name];
      if (isDeepStrictEqual(old, value)) continue;
      // A list is told whole, an object by what is different in it.
      const isWhole = part === "trackers" || old === undefined;
      changed[name] = isWhole ? value : changes(old, value as object);
    }
    const removed = Object.keys(before[part]).filter((name) => !Object.hasOwn(now[part], name));
    if (Object.keys(changed).length > 0) answer[part] = changed;
    if (removed.length > 0) answer[`${part}_removed`] = removed;
  }
  const tags = now.tags.filter((tag) => !before.tags.includes(tag));
  const tagsRemoved = before.tags.filter((tag) => !now.tags.includes(tag));
  if (tags.length > 0) answer["tags"] = tags;
  if (tagsRemoved.length > 0) answer["tags_removed"] = tagsRemoved;
  const server = changes(before.server_state, now.server_state);
  if (Object.keys(server).length > 0) answer["server_state"] = server;
  return answer;
}

function changes(before: object, now: object): Record<string, unknown> {
  const old = before as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(now).filter(([name, value]) => !isDeepStrictEqual(old[name], value)),
  );
}

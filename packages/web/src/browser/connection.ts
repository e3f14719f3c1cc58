import { type ApiClient, type Carry, createClient } from "@shoal/api/client";
import { signal } from "@preact/signals";

/** Where the daemon is, and with which key it is asked: none where the browser's session does. */
export interface Place {
  /** Such as `http://127.0.0.1:9550`; empty for the page's own origin. */
  readonly origin: string;
  readonly key: string | null;
}

const STORED_AS = "shoal.place";
const HERE: Place = { origin: "", key: null };

/** A key lives as long as the tab: not in `localStorage`, where every later page of this origin would find it. */
function readPlace(): Place {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORED_AS) ?? "null") as Partial<Place> | null;
    if (typeof stored?.origin !== "string") return HERE;
    return { origin: stored.origin, key: typeof stored.key === "string" ? stored.key : null };
  } catch {
    return HERE;
  }
}

export const place = signal<Place>(typeof sessionStorage === "undefined" ? HERE : readPlace());

/** Turns to another daemon, or with `null` back to the one that served this page. */
export function goToPlace(next: Place | null): void {
  if (next === null) sessionStorage.removeItem(STORED_AS);
  else sessionStorage.setItem(STORED_AS, JSON.stringify(next));
  place.value = next ?? HERE;
}

/** What every request carries: the key, or nothing beside the browser's cookie. */
export function authorization(): Readonly<Record<string, string>> {
  const { key } = place.peek();
  return key === null ? {} : { authorization: `Bearer ${key}` };
}

/** The whole address of something that the daemon serves. @param target Path and query, from the root. */
export function addressOf(target: string): string {
  return `${place.peek().origin}${target}`;
}

/** Answers to what is asked again and again, by address, with the tags that the daemon gave them. */
const kept = new Map<string, { readonly tag: string; readonly answer: unknown }>();
const MOST_KEPT = 30;

/** An answer that still holds is the same object, so that nothing of it is read or drawn again. */
const carry: Carry = async ({ method, target, headers, body, signal }) => {
  const address = addressOf(target);
  const hasKey = place.peek().key !== null;
  // Another origin's page would have to be allowed this header.
  const known = method === "GET" && !hasKey ? kept.get(address) : undefined;
  const response = await fetch(address, {
    method,
    headers: {
      ...headers,
      ...authorization(),
      ...(known !== undefined && { "if-none-match": known.tag }),
    },
    credentials: hasKey ? "omit" : "same-origin",
    cache: "no-store",
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = async (): Promise<string> => response.text();
  if (response.status === 304 && known !== undefined)
    return { status: 200, text, json: async () => known.answer };
  return {
    ...{ status: response.status, text },
    async json() {
      const answer = (await response.json()) as unknown;
      const tag = response.headers.get("etag");
      if (method === "GET" && tag !== null) keep(address, { tag, answer });
      return answer;
    },
  };
};

function keep(address: string, entry: { readonly tag: string; readonly answer: unknown }): void {
  // The one that was asked for last stands last.
  kept.delete(address);
  kept.set(address, entry);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) return;
    kept.delete(oldest);
  }
}

/** The daemon's operations. */
export const api: ApiClient = createClient(carry);

import { computed, signal } from "@preact/signals";
import type { Answer } from "@shoal/api/client";
import { api } from "../browser/connection.ts";
import { may } from "./session.ts";

export type SiteRequest = Answer<"listSiteRequests">["requests"][number];

export type Site = Answer<"listSites">["sites"][number];

/** What web sites wait for, oldest first; null before the daemon has told. */
export const siteRequests = signal<readonly SiteRequest[] | null>(null);
/** Goes up whenever something of the sites may have changed. */
export const sitesRevision = signal(0);
/** Put off by the user: they are asked about on the page of the sites only. */
export const putOff = signal<ReadonlySet<string>>(new Set());

/** What is asked about wherever the user is. */
export const urgentRequests = computed(() =>
  (siteRequests.value ?? []).filter(({ id }) => !putOff.value.has(id)),
);

let asked = 0;

/** Asks what is waiting. An answer that another one has overtaken is dropped. */
export async function readSiteRequests(): Promise<void> {
  sitesRevision.value++;
  const turn = ++asked;
  if (!may("wallet")) {
    siteRequests.value = null;
    return;
  }
  try {
    const { requests } = await api.call("listSiteRequests");
    if (turn === asked) siteRequests.value = requests;
  } catch {
    // The stream says whether the daemon is there, and begins with this again.
  }
}

/** Hides requests until the user comes back to them. */
export function putOffRequests(ids: readonly string[]): void {
  const waiting = new Set((siteRequests.peek() ?? []).map(({ id }) => id));
  const kept = [...putOff.peek()].filter((id) => waiting.has(id));
  putOff.value = new Set([...kept, ...ids]);
}

/** Brings them back. */
export function takeUpRequests(): void {
  putOff.value = new Set();
}

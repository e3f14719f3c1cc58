import { computed, signal } from "@preact/signals";
import type { Answer, Scope } from "@shoal/api/client";
import { api } from "../browser/connection.ts";

export type Session = Answer<"getSession">;
export type Node = Answer<"getNode">;

/** `unknown` before the first answer, `silent` when there is none. */
export const session = signal<Session | "unknown" | "silent">("unknown");
export const node = signal<Node | null>(null);

/** Asks who we are, and when that allows it what is running. */
export async function refreshSession(): Promise<void> {
  try {
    const answer = await api.call("getSession");
    session.value = answer;
    if (answer.scopes.includes("read")) node.value = await api.call("getNode");
  } catch {
    // Whoever answers with an error here is no daemon.
    session.value = "silent";
  }
}

export const scopes = computed<readonly Scope[]>(() =>
  typeof session.value === "string" ? [] : session.value.scopes,
);

export function may(scope: Scope): boolean {
  return scopes.value.includes(scope);
}

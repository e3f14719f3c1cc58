import { computed, signal } from "@preact/signals";
import { api, place } from "../browser/connection.ts";
import { may, node, scopes } from "../state/session.ts";
import { type GuideStep, readGuideStep } from "./open-step.ts";

const STORED_AS = "shoal.guide";
const isPage = typeof localStorage !== "undefined";

/** Of whoever goes on without a password: nothing may be changed of such a node's settings. */
const isOverHere = signal(isPage && localStorage.getItem(STORED_AS) === "over");

/** Ended by this page; its node may not have said so yet. */
const hasEnded = signal(false);

/** Whether the guided start is to be shown: the daemon says so until somebody has ended it. */
export const isGuideWanted = computed(
  () =>
    node.value?.isFirstRun === true &&
    !hasEnded.value &&
    place.value.key === null &&
    scopes.value.includes("torrents") &&
    (scopes.value.includes("admin") || !isOverHere.value),
);

/** The step that this tab was at. */
export function rememberedStep(): GuideStep | null {
  return isPage ? readGuideStep(sessionStorage.getItem(STORED_AS)) : null;
}

export function rememberStep(step: GuideStep): void {
  sessionStorage.setItem(STORED_AS, step);
}

/** The page goes to the torrents from now on: in every browser where the settings may be changed, else in this one. */
export async function endGuide(): Promise<void> {
  sessionStorage.removeItem(STORED_AS);
  try {
    if (!may("admin")) localStorage.setItem(STORED_AS, "over");
    else await api.call("changeSettings", { web: { guide: false } });
  } catch {
    // Then it is shown again at the next visit, and can be ended there.
  }
  hasEnded.value = true;
}

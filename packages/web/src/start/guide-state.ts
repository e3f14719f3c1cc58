import { computed, signal } from "@preact/signals";
import { node, scopes } from "../state/session.ts";

const STORED_AS = "shoal.guide";

const isOver = signal(
  typeof localStorage !== "undefined" && localStorage.getItem(STORED_AS) === "over",
);

/** Setting the password ends the first run, and not the guide. */
const hasBegun = signal(false);

/** Whether somebody who may set the first password is here for the first time. */
export const isGuideWanted = computed(
  () =>
    hasBegun.value ||
    (!isOver.value && node.value?.isFirstRun === true && scopes.value.includes("torrents")),
);

/** From now on it goes on until it is ended. */
export function beginGuide(): void {
  hasBegun.value = true;
}

/** This browser goes to the torrents from now on. */
export function endGuide(): void {
  localStorage.setItem(STORED_AS, "over");
  isOver.value = true;
  hasBegun.value = false;
}

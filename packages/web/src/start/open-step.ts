/** What has to be decided once, in this order. */
export const GUIDE_STEPS = ["welcome", "password", "wallet", "folder", "sell", "try"] as const;
export type GuideStep = (typeof GUIDE_STEPS)[number];

/** What the daemon says of what has been decided. */
export interface Decided {
  readonly needsPassword: boolean;
  /** The wallet that pays and is paid; null when none is, or when this caller may not know. */
  readonly wallet: string | null;
  readonly isSelling: boolean;
  readonly sample: "off" | "preparing" | "running" | "done" | "failed";
}

/** @param text As it was stored, by this version or by another. */
export function readGuideStep(text: string | null): GuideStep | null {
  return GUIDE_STEPS.find((step) => step === text) ?? null;
}

/**
 * The step to go on with: the first that is not decided, or a later one that this tab was at already.
 * @param remembered Null in another browser, or in a new tab.
 */
export function findOpenStep(decided: Decided, remembered: GuideStep | null): GuideStep {
  if (decided.needsPassword) return remembered === "password" ? "password" : "welcome";
  const open = firstUndecided(decided);
  return GUIDE_STEPS.indexOf(remembered ?? open) > GUIDE_STEPS.indexOf(open)
    ? (remembered ?? open)
    : open;
}

function firstUndecided({ wallet, isSelling, sample }: Decided): GuideStep {
  if (sample !== "off") return "try";
  if (wallet === null) return "wallet";
  return isSelling ? "try" : "folder";
}

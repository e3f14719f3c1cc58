import type { Detail } from "../remote/torrent-view.ts";
import type { Parameters } from "./parameters.ts";
import { WebApiError } from "./web-api-error.ts";

type ShareLimits = Detail["shareLimits"];

const MINUTE_MS = 60_000;

const FIELDS = [
  ["ratioLimit", "ratio", 1],
  ["seedingTimeLimit", "seedTimeMs", MINUTE_MS],
  ["inactiveSeedingTimeLimit", "idleTimeMs", MINUTE_MS],
] as const;

/**
 * Limits of sharing as requests bring them: -2 is the session's, -1 none; times are minutes. What is absent stays.
 * @returns null when none is given.
 * @throws {WebApiError} 400
 */
export function readShareLimits(parameters: Parameters, now: ShareLimits): ShareLimits | null {
  const limits = { ...now };
  let isGiven = false;
  for (const [name, key, unit] of FIELDS) {
    const value = parameters.number(name, -2, 2 ** 40);
    if (value === undefined) continue;
    isGiven = true;
    if (value === -2) delete limits[key];
    else if (value === -1) limits[key] = null;
    else if (value >= 0) limits[key] = value * unit;
    else throw new WebApiError(400, `${name}: expected -2, -1, or a number of 0 or more.`);
  }
  return isGiven ? limits : null;
}

import { ShoalError } from "@shoal/runtime";

/**
 * A connection that does not come about.
 * - `library-missing`: `@roamhq/wrtc` is not installed here, or not for this platform;
 * - `bad-description`: the other side's description makes no sense;
 * - `timeout`: no way to the other side was found in time;
 * - `closed`: this side gave up.
 */
export class WebRtcError extends ShoalError<
  "library-missing" | "bad-description" | "timeout" | "closed"
> {}

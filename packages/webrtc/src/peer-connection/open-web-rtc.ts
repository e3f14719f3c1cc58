import type { Clock } from "@shoal/runtime";
import type { WebRtc } from "../web-rtc.ts";
import { beginAttempt } from "./attempt.ts";
import { loadLibrary } from "./library.ts";

export interface WebRtcOptions {
  readonly clock: Clock;
  /**
   * STUN servers, as `stun:host:port`, which tell peers behind a NAT how to reach this one. None when
   * absent: then this side is found at its own addresses, and at those that its packets come from.
   */
  readonly stunServers?: readonly string[];
}

/** WebRTC by npm's `@roamhq/wrtc`, which is loaded when it is first needed. */
export function openWebRtc({ clock, stunServers = [] }: WebRtcOptions): WebRtc {
  const iceServers = stunServers.map((urls) => ({ urls }));
  const closing = new AbortController();
  const begin = async () =>
    beginAttempt({ connection: (await loadLibrary())(iceServers), clock, signal: closing.signal });
  return {
    isAvailable: () =>
      loadLibrary().then(
        () => true,
        () => false,
      ),
    async offer() {
      return await (await begin()).offer();
    },
    async answer(offer) {
      return await (await begin()).answer(offer);
    },
    close: () => closing.abort(),
  };
}

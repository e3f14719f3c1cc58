export { WebRtcError } from "./errors.ts";
export { openWebRtc } from "./peer-connection/open-web-rtc.ts";
export type { WebRtcOptions } from "./peer-connection/open-web-rtc.ts";
export type { WebRtc, WebRtcAttempt, WebRtcOffer } from "./web-rtc.ts";

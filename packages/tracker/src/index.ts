export { TrackerError } from "./errors.ts";
export type { TrackerErrorCode } from "./errors.ts";

export { createTrackerClient } from "./client/tracker-client.ts";
export type {
  RequestOptions,
  TrackerClient,
  TrackerClientOptions,
} from "./client/tracker-client.ts";
export type { UdpTransport } from "./client/udp-transport.ts";

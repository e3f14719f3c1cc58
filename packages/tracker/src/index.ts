export { TrackerError } from "./errors.ts";
export type { TrackerErrorCode } from "./errors.ts";

export { createTrackerClient } from "./client/tracker-client.ts";
export type {
  RequestOptions,
  TrackerClient,
  TrackerClientOptions,
} from "./client/tracker-client.ts";
export type { UdpTransport } from "./client/udp-transport.ts";

export { createAnnouncer } from "./announcer/announcer.ts";
export type { Announcer, AnnouncerOptions, TrackerStatus } from "./announcer/announcer.ts";
export type { AnnounceStats, PeerSource, TrackerState } from "./announcer/tracker-entry.ts";

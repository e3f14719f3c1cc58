import type { Settings } from "@shoal/api";
import { PUBLIC_BOOTSTRAP } from "@shoal/dht";
import type {
  Session,
  SessionDhtOptions,
  SessionOptions,
  SpeedSchedule,
  Weekday,
} from "@shoal/engine";
import type { Clock, Runtime } from "@shoal/runtime";
import { openWebRtc } from "@shoal/webrtc";
import { withoutUndefined } from "../torrents/addition.ts";

/** A session as the settings have it. */
export function sessionOptionsOf(
  settings: Settings,
  init: { readonly runtime: Runtime; readonly port: number },
): SessionOptions {
  const { speed, network } = settings;
  const { runtime, port } = init;
  const schedule = scheduleOf(settings, runtime.clock);
  // WebRTC takes every address of the machine: never where all has to go one way.
  const mayWebRtc = network.webRtc && runtime.net.isConfined !== true;
  return {
    runtime,
    port,
    restore: true,
    encryption: network.encryption,
    utp: network.utp,
    dht: network.dht && bootstrapOf(network.dhtBootstrap),
    lsd: network.lsd,
    peerExchange: network.peerExchange,
    portMapping: network.portMapping,
    maxPeers: network.maxPeers,
    ...(mayWebRtc ? { webRtc: openWebRtc({ clock: runtime.clock }) } : {}),
    downloadLimit: speed.downloadLimit,
    uploadLimit: speed.uploadLimit,
    limitLocalPeers: speed.limitLocalPeers,
    ...(schedule === null ? {} : { schedule }),
    queue: queueLimitsOf(settings),
    shareLimits: shareLimitsOf(settings),
  };
}

/** A session in which nothing runs and from which nothing leaves, for looking at torrents and changing them. */
export function restingOptionsOf(settings: Settings, runtime: Runtime): SessionOptions {
  const { webRtc: _, schedule: __, ...options } = sessionOptionsOf(settings, { runtime, port: 0 });
  return {
    ...options,
    host: "127.0.0.1",
    utp: "off",
    dht: false,
    lsd: false,
    portMapping: false,
    queue: { activeLimit: 0 },
  };
}

/** Has a running session go by changed settings, as far as it can without a restart. */
export function applySettings(session: Session, settings: Settings, clock: Clock): void {
  const { speed, network } = settings;
  session.setLimits({ download: speed.downloadLimit, upload: speed.uploadLimit });
  session.setSchedule(scheduleOf(settings, clock));
  session.queue.setLimits(queueLimitsOf(settings));
  session.setShareLimits(shareLimitsOf(settings));
  session.connections.setMost(network.maxPeers);
}

/** The schedule by the machine's clock; its offset from UTC is that of now. */
export function scheduleOf({ speed }: Settings, clock: Clock): SpeedSchedule | null {
  if (speed.schedule.length === 0) return null;
  return {
    utcOffsetMinutes: -new Date(clock.nowMs()).getTimezoneOffset(),
    rules: speed.schedule.map(({ days, ...rule }) => ({
      ...withoutUndefined(rule),
      days: days as Weekday[],
    })),
  };
}

function queueLimitsOf({ queue }: Settings) {
  const { activeDownloads, activeSeeds, activeLimit } = queue;
  return { activeDownloads, activeSeeds, activeLimit };
}

function shareLimitsOf({ queue }: Settings) {
  const { ratio, seedTimeMs, idleTimeMs, shareAction } = queue;
  return { ratio, seedTimeMs, idleTimeMs, action: shareAction };
}

/** @param named As `host:port`. */
function bootstrapOf(named: readonly string[]): SessionDhtOptions {
  if (named.length === 0) return { bootstrap: [], fallback: PUBLIC_BOOTSTRAP };
  const bootstrap = named.flatMap((text) => {
    const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(text.trim()) ?? [];
    return host === undefined ? [] : [{ host, port: Number(port) }];
  });
  return { bootstrap, fallback: [] };
}

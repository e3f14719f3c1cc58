import {
  createSession,
  type Encryption,
  type PortMapping,
  type Session,
  type SessionOptions,
  type UtpMode,
} from "@shoal/engine";
import type { Runtime } from "@shoal/runtime";
import { openWebRtc } from "@shoal/webrtc";
import type { HostPort } from "../arguments/parse-endpoint.ts";
import { chooseBootstrap } from "../dht/bootstrap.ts";
import type { Output } from "../output/output.ts";

/** Options that `get` and `seed` share. */
export interface SessionFlags {
  /** False turns local discovery off. */
  readonly lsd?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly maxDown?: number;
  readonly maxUp?: number;
  readonly encryption?: Encryption;
  readonly utp?: UtpMode;
  /** False turns the DHT off. */
  readonly dht?: boolean;
  readonly dhtBootstrap?: readonly HostPort[];
  /**
   * Whether browsers' peers are spoken to. When absent, only where nothing is said of the way out: WebRTC takes
   * every address of the machine. Never where all has to go through a proxy or by one interface.
   */
  readonly webrtc?: boolean;
  /** False leaves the router alone. */
  readonly portMapping?: boolean;
  /** False turns peer exchange off. */
  readonly pex?: boolean;
  readonly maxActive?: number;
  readonly seedRatio?: number;
  /** In milliseconds. */
  readonly seedTime?: number;
}

export const ENCRYPTION_CHOICES = [
  "off",
  "allow",
  "prefer",
  "require",
] as const satisfies readonly Encryption[];

/**
 * Opens a session as the command line asks for it, and tells what the router does for it.
 * @param more What layers above the engine put in.
 */
export async function openSession(
  runtime: Runtime,
  flags: SessionFlags,
  output: Output,
  more: Partial<SessionOptions> = {},
): Promise<Session> {
  const {
    host,
    port,
    maxDown,
    maxUp,
    encryption,
    utp,
    dht = true,
    webrtc = host === undefined,
    pex = true,
  } = flags;
  const isConfined = runtime.net.isConfined === true;
  const session = await createSession({
    runtime,
    lsd: flags.lsd ?? true,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(utp === undefined ? {} : { utp }),
    dht: dht && chooseBootstrap(flags),
    ...(webrtc && !isConfined ? { webRtc: openWebRtc({ clock: runtime.clock }) } : {}),
    peerExchange: pex,
    portMapping: flags.portMapping ?? true,
    downloadLimit: maxDown ?? null,
    uploadLimit: maxUp ?? null,
    queue: { activeLimit: flags.maxActive ?? null },
    shareLimits: { ratio: flags.seedRatio ?? null, seedTimeMs: flags.seedTime ?? null },
    ...more,
  });
  session.on((event) => {
    if (event.type === "ports-mapped") reportMappings(event.mappings, output);
  });
  return session;
}

function reportMappings(mappings: readonly PortMapping[], output: Output): void {
  output.event("ports-mapped", { mappings });
  const [first] = mappings;
  if (first === undefined) output.note("the router passes on no port any more");
  else output.note(`the router passes port ${first.externalPort} on to this side (${first.by})`);
}

/** How long torrents are seeded, in words. */
export function describeSeeding({ seedRatio, seedTime }: SessionFlags): string {
  const hasLimit = seedRatio !== undefined || seedTime !== undefined;
  return hasLimit ? "until enough is shared, and Ctrl-C ends it before" : "Ctrl-C ends it";
}

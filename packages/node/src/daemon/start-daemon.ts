import { join } from "node:path";
import type { EmbeddedChain } from "@shoal/chain";
import type { HttpServerRequest, HttpServerResponse, PrivateFolder, Runtime } from "@shoal/runtime";
import { Access } from "../access/access.ts";
import type { PasswordHasher } from "../access/password-hasher.ts";
import type { Configuration } from "../config/configuration.ts";
import { EventStream } from "../events/event-stream.ts";
import type { Face } from "../faces/face.ts";
import { createFrontDoor } from "../faces/front-door.ts";
import type { ProgramRunner } from "../hooks/program.ts";
import { LiveIpFilter } from "../ip-filter/live-ip-filter.ts";
import type { LocalFiles } from "../local-files/local-files.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import { Money } from "../money/money.ts";
import type { RequestMeter } from "../metrics/request-meter.ts";
import { completeHandlers } from "../rest/complete-handlers.ts";
import { createRestFace } from "../rest/rest-face.ts";
import { Torrents } from "../torrents/torrents.ts";
import { SpeedHistory } from "../transfer/speed-history.ts";
import { TransferWatch } from "../transfer/transfer-watch.ts";
import { type ChainLink, openChainLink } from "./chain-link.ts";
import type { DaemonCore, DaemonFolders, DaemonPart } from "./daemon-core.ts";
import { NO_DOORS, openDoors } from "./doors.ts";
import { NodeState } from "./node-state.ts";
import { openTorrentSession } from "./open-torrent-session.ts";
import { PARTS, RESTING_PARTS } from "./parts.ts";
import { Reception } from "./reception.ts";
import { applySettings } from "./session-options.ts";

/** The world that a daemon is started in, and what it goes by. */
export interface StartInit {
  readonly folders: DaemonFolders;
  readonly version: string;
  readonly runtime: Runtime;
  /** The world that everything leaves by; the same one where there is no proxy. */
  readonly outside: Runtime;
  readonly settings: Configuration;
  readonly log: DaemonLog;
  readonly files: LocalFiles;
  readonly programs: ProgramRunner;
  readonly hasher: PasswordHasher;
  readonly openPrivateFolder: (path: string) => PrivateFolder;
  readonly pid: number;
  readonly memoryBytes: () => number;
  readonly faces?: readonly Face[];
  readonly onListening?: (url: string) => void;
  /** Nothing listens, nothing runs and nothing leaves: only `Daemon.handle` asks it anything. False when absent. */
  readonly isAtRest?: boolean;
}

/** A daemon that answers. */
export interface Daemon {
  /** Where browsers and programs reach it, such as `http://127.0.0.1:9550/`. */
  readonly url: string;
  /** Where the command line reaches it; null where there can be no socket. */
  readonly socketPath: string | null;
  readonly core: DaemonCore;
  readonly chain: EmbeddedChain | null;
  /** Aborted when somebody who may has asked for the end, over an interface. */
  readonly stopAsked: AbortSignal;
  /** Carries out a request of whoever has opened it, who may do everything. */
  handle(request: HttpServerRequest): Promise<HttpServerResponse>;
  /** Answers what has been asked, keeps what is to be kept, and ends. */
  close(): Promise<void>;
}

/** How long requests that are under way may hold up the end. */
const DRAIN_MS = 5000;
/** Daylight saving moves the schedule. */
const SCHEDULE_EVERY_MS = 10 * 60_000;

/**
 * Starts the daemon: first the ports, which say that it is starting, then what they are for. Ends in the opposite order.
 * @throws as `openDaemon`, and then nothing is left.
 */
export async function startDaemon(init: StartInit): Promise<Daemon> {
  const { runtime, settings } = init;
  const { clock } = runtime;
  const closing: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) {
      try {
        await end();
      } catch (error) {
        runtime.log.error("a part of the daemon did not end in order", { error });
      }
    }
  };
  try {
    const rules = () => settings.current.web;
    const { store, random, log } = runtime;
    const access = await Access.open({ store, clock, random, log, hasher: init.hasher, rules });
    const faces: Face[] = [...(init.faces ?? [])];
    const door = createFrontDoor(access, faces);
    const reception = new Reception(clock);
    const { isAtRest = false } = init;
    const { host, port } = settings.current.web;
    const handle = (request: HttpServerRequest) => reception.handle(request);
    const doors = isAtRest
      ? NO_DOORS
      : await openDoors({
          ...{ runtime, host, port, handle, bounds: door.bounds },
          socketFolder: init.folders.runtime,
        });
    closing.push(() => doors.close());
    init.onListening?.(doors.url);
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    const { requests } = reception;
    const core = await openCore(init, { access, url: doors.url, stop, requests, closing });
    const parts: DaemonPart[] = [];
    for (const open of isAtRest ? RESTING_PARTS : PARTS) {
      const part = await open(core);
      parts.push(part);
      if (part.close !== undefined) closing.push(() => part.close!());
      faces.push(...(part.faces ?? []));
    }
    const handlers = completeHandlers(parts.map((part) => part.handlers ?? {}));
    faces.push(createRestFace(handlers));
    faces.push(...parts.flatMap((part) => part.facesOver?.(handlers) ?? []));
    reception.open((request) => door.handle(request));
    closing.push(async () => {
      core.events.close();
      const patience = Promise.withResolvers<void>();
      const timer = clock.setTimer(DRAIN_MS, patience.resolve);
      await Promise.race([reception.drain(), patience.promise]);
      timer.cancel();
    });
    log.info("the daemon is ready", { url: doors.url, torrents: core.session.torrents.length });
    const { url, socketPath } = doors;
    const { signal: stopAsked } = stopping;
    const ended = { stopAsked, close };
    return { url, socketPath, core, chain: core.chain?.chain ?? null, handle, ...ended };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openCore(
  init: StartInit,
  started: {
    readonly access: Access;
    readonly url: string;
    readonly stop: () => void;
    readonly requests: RequestMeter;
    readonly closing: (() => Promise<void> | void)[];
  },
): Promise<DaemonCore> {
  const { folders, version, runtime, outside, settings, log, files } = init;
  const { clock } = runtime;
  const { access, url, stop, requests, closing } = started;
  const startedAtMs = clock.nowMs();
  const state = await NodeState.open(runtime.store);
  const ipFilter = new LiveIpFilter({ files, clock, log: runtime.log });
  closing.push(() => ipFilter.close());
  await ipFilter.use(settings.current.network.ipFilter);
  const { isAtRest = false } = init;
  const hasChain = settings.current.chain.embedded && !isAtRest;
  const chain = hasChain ? await tryToOpenChain(init) : null;
  if (chain !== null) closing.push(() => chain.close());
  const events = new EventStream(clock, version);
  closing.push(() => events.close());
  const money = await Money.open({
    runtime: { ...runtime, http: outside.http },
    configuration: settings,
    dataFolder: folders.data,
    openFolder: init.openPrivateFolder,
    chain: chain?.chain ?? null,
    chainUrl: chain?.rpcUrl ?? null,
    downloadFolder: () => downloadFolder(),
    events,
  });
  closing.push(() => money.close());
  const session = await openTorrentSession({
    settings: settings.current,
    runtime: outside,
    state,
    isAtRest,
    more: { addressFilter: ipFilter.filter, ...money.sessionOptions },
  });
  closing.push(() => session.close());
  money.attach(session);
  closing.push(() => money.finish());
  const torrents = await Torrents.open({
    session,
    settings,
    runtime: outside,
    defaultFolder: join(folders.data, "downloads"),
  });
  closing.push(() => torrents.close());
  const downloadFolder = (): string => torrents.downloadFolder;
  const schedule = clock.setRepeating(SCHEDULE_EVERY_MS, () => {
    applySettings(session, settings.current, clock);
  });
  closing.push(() => schedule.cancel());
  settings.on((now, before) => {
    applySettings(session, now, clock);
    if (now.network.ipFilter !== before.network.ipFilter) {
      ipFilter.use(now.network.ipFilter).catch((error: unknown) => {
        runtime.log.error("the address filter cannot be read", { error });
      });
    }
  });
  const transfer = new TransferWatch(torrents, runtime);
  closing.push(() => transfer.close());
  await transfer.lookAtDisk();
  const speeds = await SpeedHistory.open(runtime, () => transfer.rates);
  closing.push(() => speeds.close());
  const { openPrivateFolder, memoryBytes, programs } = init;
  return {
    ...{ version, startedAtMs, folders, runtime, outside, files, programs, openPrivateFolder },
    ...{ settings, log, state, access, session, torrents, transfer, speeds, events, chain },
    ...{ money, requests, memoryBytes, url, stop },
  };
}

/** Torrents do without the chain. */
async function tryToOpenChain(init: StartInit): Promise<ChainLink | null> {
  const { runtime, folders, openPrivateFolder, pid } = init;
  try {
    const folder = join(folders.data, "chain");
    return await openChainLink({ runtime, folder, openPrivateFolder, pid });
  } catch (error) {
    runtime.log.error("the embedded chain cannot be run: there is no play money until it can", {
      error,
    });
    return null;
  }
}

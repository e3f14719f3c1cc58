import type { Session } from "@shoal/engine";
import type { PrivateFolder, Runtime } from "@shoal/runtime";
import type { Access } from "../access/access.ts";
import type { Configuration } from "../config/configuration.ts";
import type { EventStream } from "../events/event-stream.ts";
import type { Face } from "../faces/face.ts";
import type { LocalFiles } from "../local-files/local-files.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { Money } from "../money/money.ts";
import type { ProgramRunner } from "../hooks/program.ts";
import type { RequestMeter } from "../metrics/request-meter.ts";
import type { Handlers } from "../rest/handlers.ts";
import type { Torrents } from "../torrents/torrents.ts";
import type { SpeedHistory } from "../transfer/speed-history.ts";
import type { TransferWatch } from "../transfer/transfer-watch.ts";
import type { ChainLink } from "./chain-link.ts";
import type { NodeState } from "./node-state.ts";

/** Where the daemon keeps what is its own: absolute paths. */
export interface DaemonFolders {
  /** Settings. */
  readonly config: string;
  /** What is worth a backup: wallets, the chain. Downloads too, unless the settings say otherwise. */
  readonly data: string;
  /** The database. */
  readonly state: string;
  /** Sockets. */
  readonly runtime: string;
}

/** What every part of the daemon may use. */
export interface DaemonCore {
  readonly version: string;
  readonly startedAtMs: number;
  readonly folders: DaemonFolders;
  /** The machine's world: store, disk, clock, and the ports that faces are served at. */
  readonly runtime: Runtime;
  /** The world that everything leaves by: through the proxy, where the settings name one. */
  readonly outside: Runtime;
  readonly files: LocalFiles;
  readonly programs: ProgramRunner;
  readonly openPrivateFolder: (path: string) => PrivateFolder;
  readonly settings: Configuration;
  readonly log: DaemonLog;
  readonly state: NodeState;
  readonly access: Access;
  readonly session: Session;
  readonly torrents: Torrents;
  readonly transfer: TransferWatch;
  readonly speeds: SpeedHistory;
  readonly events: EventStream;
  /** Null when it is off, or could not be opened. */
  readonly chain: ChainLink | null;
  readonly money: Money;
  /** What was asked at the ports so far. */
  readonly requests: RequestMeter;
  /** Memory of the process, in bytes. */
  readonly memoryBytes: () => number;
  /** Where the web interface is reached. */
  readonly url: string;
  /** Asks whoever runs the daemon to end it. */
  readonly stop: () => void;
}

/** What a part of the daemon brings: operations that it carries out, interfaces, and what is to be closed. */
export interface DaemonPart {
  readonly handlers?: Partial<Handlers>;
  readonly faces?: readonly Face[];
  /** Interfaces that carry out operations of all parts. */
  facesOver?(handlers: Handlers): readonly Face[];
  close?(): Promise<void> | void;
}

/** Opens a part. Those that keep something open their own tables, named `node_...`. */
export type OpenPart = (core: DaemonCore) => Promise<DaemonPart> | DaemonPart;

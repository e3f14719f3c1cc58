import type { TorrentSummary } from "./entry.ts";
import type { MetadataIdentity } from "./metadata-exchange.ts";
import type { TorrentOptions } from "./options.ts";
import type { TorrentServices } from "./services.ts";
import type { SourceDescription, TorrentSource } from "./source.ts";
import type { TorrentEvent } from "./status.ts";
import type { Totals } from "./totals.ts";

/**
 * What a torrent that may sleep takes from its session, beside what its working parts take.
 * @typeParam Core The torrent as the session knows it.
 */
export interface CoreServices<Core> extends TorrentServices {
  /** What the list has of a torrent. @throws {SessionError} `lost-metadata`; {StoreError}. */
  loadSource(torrent: Core): Promise<TorrentSource>;
  /** Whether one more torrent may be awake without need. */
  mayWake(): boolean;
  onAwake(torrent: Core, isAwake: boolean): void;
  /** What is kept of it has changed, or whether it wants to run, or is complete. */
  onChanged(torrent: Core): void;
  /** Something has happened to it. */
  onEvent(torrent: Core, event: TorrentEvent): void;
  /** What is told of its trackers has changed. */
  onTrackers(torrent: Core): void;
  onClosed(torrent: Core): Promise<void>;
}

/** What a torrent that may sleep is made of. */
export interface CoreInit<Core> extends Omit<SourceDescription, "source"> {
  readonly services: CoreServices<Core>;
  readonly identity: MetadataIdentity;
  /** Null: the session's list has it, and it is read when it is needed. */
  readonly source: TorrentSource | null;
  readonly options: TorrentOptions;
  readonly totals?: Totals;
  readonly summary?: TorrentSummary;
}

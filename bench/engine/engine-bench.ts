import type { ClientName } from "../clients/start-peer.ts";
import type { ContentShelf } from "./content.ts";

/** What the engine's contests are made with. */
export interface EngineBench {
  readonly shelf: ContentShelf;
  /** Bytes of an ordinary transfer. */
  readonly sizeBytes: number;
  /** The clients of this machine that ours is compared with, or exchanges with. */
  readonly rivals: ReadonlySet<ClientName>;
}

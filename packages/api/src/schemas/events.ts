import { z } from "zod";
import { infoHash } from "./primitives.ts";
import { torrentSummary } from "./torrent.ts";
import { sample, trading } from "./trading.ts";
import { logEntry, transfer } from "./transfer.ts";

/** A torrent as far as it has changed. */
export const torrentDelta = torrentSummary.partial().extend({ infoHash });

/**
 * What `GET /events` sends, each as an SSE event of that name with JSON as data. Torrents' deltas come once a second at
 * the most, `transfer` once a second, the rest as it happens. A new connection gets `hello` first; whoever needs the
 * whole state asks for it after that, and misses nothing.
 */
export const EVENTS = {
  hello: z.object({ version: z.string() }),
  /** Added ones whole, changed ones by what changed, and those that are gone. */
  torrents: z.object({
    added: z.array(torrentSummary),
    changed: z.array(torrentDelta),
    removed: z.array(infoHash),
  }),
  transfer,
  log: logEntry,
  /** Something of the wallet that trades has changed: whoever shows it asks again. */
  wallet: z.object({ name: z.string() }),
  trading,
  sample,
  /** Something of the connected sites or of their requests has changed: whoever shows them asks again. */
  sites: z.object({ waiting: z.int().meta({ description: "Requests that wait for an answer" }) }),
} as const;

export type EventName = keyof typeof EVENTS;
export type EventData<Name extends EventName> = z.output<(typeof EVENTS)[Name]>;

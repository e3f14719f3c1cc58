import type { Torrent, TorrentStatus } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import { toPlainText } from "../output/format.ts";
import type { Output } from "../output/output.ts";
import { plainLine, progressLine, sourcesOf } from "./progress-lines.ts";
import { linesOfSeveral } from "./progress-of-several.ts";
import { progressFields, reportEvent } from "./report-event.ts";
import { createTorrentOutput, type TorrentOutput } from "./torrent-output.ts";

const REDRAW_MS = 200;
const EVENT_MS = 500;
const PLAIN_LINE_MS = 10_000;
/** A download that has just begun is not slow yet. */
const SLOW_AFTER_MS = 3000;

/** Shows what torrents do, from when they are added until it is stopped. */
export interface Progress {
  add(torrent: Torrent): void;
  stop(): void;
}

interface Watched {
  readonly torrent: Torrent;
  readonly output: TorrentOutput;
  slowSinceMs: number | null;
  saidSlow: string;
}

/**
 * A line for each torrent and one for all of them, drawn over on a terminal, and lines now and then without
 * one; events for programs.
 * @param options.isAlone There is one torrent and will be no other: one line is enough.
 */
export function showProgress(
  clock: Clock,
  output: Output,
  { isAlone }: { readonly isAlone: boolean },
): Progress {
  const watched: Watched[] = [];
  const listeners: (() => void)[] = [];

  /** With why it is slow only once that has lasted long enough to be worth a word. */
  function statusOf(one: Watched): TorrentStatus {
    const status = one.torrent.status();
    const { slow } = status;
    if (slow === null || slow.reason === "rate-limited") {
      one.slowSinceMs = null;
      return { ...status, slow: null };
    }
    one.slowSinceMs ??= clock.monotonicMs();
    const isLasting = clock.monotonicMs() - one.slowSinceMs >= SLOW_AFTER_MS;
    return isLasting ? status : { ...status, slow: null };
  }

  function tellSlowness(one: Watched): void {
    const { slow } = statusOf(one);
    if (slow === null || slow.reason === one.saidSlow) return;
    one.saidSlow = slow.reason;
    one.output.note(`${output.paint("yellow", "slow:")} ${toPlainText(slow.text)}`);
    one.output.event("slow", slow);
  }

  function lines(lineOfOne: typeof plainLine): string[] {
    const shown = watched.map((one) => ({
      name: one.torrent.name,
      status: statusOf(one),
      sources: sourcesOf(one.torrent),
    }));
    if (!isAlone) return linesOfSeveral(shown);
    return shown.map(({ status, sources }) => lineOfOne(status, sources));
  }

  const timers = [
    clock.setRepeating(REDRAW_MS, () => {
      if (output.isLive && watched.length > 0) output.live(lines(progressLine));
    }),
    clock.setRepeating(EVENT_MS, () => {
      for (const one of watched) {
        if (isAlone || !isAtRest(one.torrent)) {
          one.output.event("progress", progressFields(one.torrent));
        }
        tellSlowness(one);
      }
    }),
    clock.setRepeating(PLAIN_LINE_MS, () => {
      if (output.isLive || watched.length === 0) return;
      for (const line of lines(plainLine)) output.note(line);
    }),
  ];
  return {
    add(torrent) {
      const own = createTorrentOutput(torrent, output, { isAlone });
      watched.push({ torrent, output: own, slowSinceMs: null, saidSlow: "" });
      listeners.push(torrent.on((event) => reportEvent(torrent, event, own)));
    },
    stop() {
      for (const timer of timers) timer.cancel();
      for (const remove of listeners) remove();
      output.live([]);
    },
  };
}

/** Nothing changes about it: it waits in the queue, or has ended. */
function isAtRest({ state }: Torrent): boolean {
  return state === "queued" || state === "paused" || state === "closed" || state === "error";
}

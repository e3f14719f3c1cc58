import { PeerError } from "../errors.ts";
import type { OpenedConnection } from "../peer/dial.ts";

/** Connections that wait while a torrent wakes. */
const MAX_CALLERS = 16;

/** Peers that have named a torrent which sleeps, and wait for it to wake. */
export class Callers {
  #waiting: OpenedConnection[] = [];

  /** @returns Whether there was room. */
  add(opened: OpenedConnection): boolean {
    if (this.#waiting.length >= MAX_CALLERS) {
      turnAway(opened);
      return false;
    }
    this.#waiting.push(opened);
    return true;
  }

  /** All of them, who wait no longer. */
  take(): OpenedConnection[] {
    return this.#waiting.splice(0);
  }

  turnAway(): void {
    for (const opened of this.take()) turnAway(opened);
  }
}

export function turnAway(opened: OpenedConnection): void {
  opened.connection.close(new PeerError("too-many-peers", "the torrent takes no peers now"));
}

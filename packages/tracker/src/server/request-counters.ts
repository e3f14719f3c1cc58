/** What a tracker server has been asked since it started. */
export interface RequestCounters {
  connects: number;
  announces: number;
  scrapes: number;
  /** Requests that could not be read or were not granted. */
  refused: number;
  /** Offers and answers passed between browsers' peers. */
  relayed: number;
}

export function createRequestCounters(): RequestCounters {
  return { connects: 0, announces: 0, scrapes: 0, refused: 0, relayed: 0 };
}

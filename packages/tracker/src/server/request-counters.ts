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

export function addCounters(own: RequestCounters, others: RequestCounters | null): RequestCounters {
  if (others === null) return { ...own };
  return {
    connects: own.connects + others.connects,
    announces: own.announces + others.announces,
    scrapes: own.scrapes + others.scrapes,
    refused: own.refused + others.refused,
    relayed: own.relayed + others.relayed,
  };
}

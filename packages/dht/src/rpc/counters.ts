/** What a node received and sent since it was made. */
export interface DhtCounters {
  /** Datagrams that came, of every kind. */
  received: number;
  sent: number;
  sentBytes: number;
  /** Queries that were answered. */
  queries: number;
  /** Answers to queries of ours. */
  answers: number;
  /** Errors that answered queries of ours. */
  failures: number;
  /** Queries of ours that nobody answered in time. */
  timeouts: number;
  /** Dropped: no bencode, no KRPC, or a broken message. */
  malformed: number;
  /** Dropped: answers that nothing of ours asked for, or that came from somewhere else. */
  unexpected: number;
  /** Dropped: more than a source may send. */
  limited: number;
  /** Not answered: what may go to sources that are not verified was used up. */
  unaffordable: number;
  /** Refused: a token that is not ours, not this address's, or too old. */
  badTokens: number;
}

export function createCounters(): DhtCounters {
  return {
    received: 0,
    sent: 0,
    sentBytes: 0,
    queries: 0,
    answers: 0,
    failures: 0,
    timeouts: 0,
    malformed: 0,
    unexpected: 0,
    limited: 0,
    unaffordable: 0,
    badTokens: 0,
  };
}

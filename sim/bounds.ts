/** What a swarm's time can be held against. Rates are in bytes per second. */
export interface SwarmShape {
  readonly lengthBytes: number;
  readonly pieces: number;
  readonly peers: number;
  readonly seederUp: number;
  readonly peerUp: number;
  readonly peerDown: number;
}

/**
 * The least time in which all peers can have everything, in seconds, were data a fluid: the seeder has to send
 * each byte once, the slowest has to receive it all, and all lines together have to carry every copy.
 * @see Kumar and Ross, Peer-Assisted File Distribution: The Minimum Distribution Time (2006)
 */
export function fluidBoundS(shape: SwarmShape): number {
  const { lengthBytes, peers, seederUp, peerUp, peerDown } = shape;
  return Math.max(
    lengthBytes / seederUp,
    lengthBytes / peerDown,
    (peers * lengthBytes) / (seederUp + peers * peerUp),
  );
}

/**
 * The same where only whole pieces are passed on, every line has the seeder's rate and sends one piece at
 * a time: the last piece leaves the seeder after all the others, and then has to double its way through.
 * @see Mundinger, Weber and Weiss, Optimal scheduling of peer-to-peer file dissemination (2008)
 */
export function pieceBoundS({ lengthBytes, pieces, peers, seederUp }: SwarmShape): number {
  return ((lengthBytes / seederUp) * (pieces + Math.floor(Math.log2(peers)))) / pieces;
}

/** What a policy may know of a peer when it decides whom to upload to. */
export interface ChokerPeer {
  /** The engine's own name for the peer, the same in every round. */
  readonly key: object;
  readonly isInterested: boolean;
  readonly isUnchoked: boolean;
  /** We asked it for blocks and none came for a minute. */
  readonly isSnubbing: boolean;
  readonly connectedForMs: number;
  /** It has what we want, or was sent more by us than it admits to having. */
  readonly canGive: boolean;
  /** Part of the torrent that the peer has, 0 to 1. */
  readonly progress: number;
  /** Payload received from the peer since it connected. */
  readonly receivedBytes: number;
  /** Payload sent to the peer since it connected. */
  readonly sentBytes: number;
  /** Over the last three whole rounds; 0 for a peer that was not there. */
  readonly receivedBytesPerSecond: number;
  /** Over the last whole round; 0 for a peer that was not there. */
  readonly sentBytesPerSecond: number;
}

export interface ChokeRound {
  /** Stands for the torrent, the same in all its rounds: one policy serves many torrents. */
  readonly swarm: object;
  /** Monotonic. */
  readonly nowMs: number;
  /** We want nothing more of this torrent. */
  readonly isSeeding: boolean;
  /** How many peers may be unchoked. */
  readonly slots: number;
  readonly peers: readonly ChokerPeer[];
}

/**
 * Decides whom to upload to. It is asked every ten seconds, and between when a peer came or left.
 * Peers beyond the slots, peers that are not interested and peers named twice are left out by the
 * choker, whatever the policy says.
 */
export interface UploadPolicy {
  /** The peers to upload to, most wanted first. All others are choked. */
  chooseUnchoked(round: ChokeRound): readonly ChokerPeer[];
}

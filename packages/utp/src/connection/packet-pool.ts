/** A packet that takes part in the sequence, kept until it is acknowledged. */
export interface OutPacket {
  /** The datagram: header, padding, payload. */
  datagram: Uint8Array;
  /** The memory that the datagram is the start of. */
  memory: Uint8Array;
  type: number;
  seqNr: number;
  /** Header with extensions. */
  headerBytes: number;
  payloadBytes: number;
  sentAtMs: number;
  /** Counts all transmissions of the connection: tells what was sent after what. */
  order: number;
  transmissions: number;
  /** Less than a full packet when it was made. */
  isSmall: boolean;
  isAcked: boolean;
  isLost: boolean;
  /** The system may still read the memory, so that it must not be used for another packet. */
  isHeld: boolean;
}

/** Memory for the usual packet (an Ethernet frame's worth) and for the largest of the loopback. */
const SMALL_BYTES = 1536;
const MAX_KEPT_SMALL = 4096;
const MAX_KEPT_LARGE = 128;

/** Packets of all connections, used again: at 100,000 packets a second, allocating each would be a quarter of the work. */
export class PacketPool {
  readonly #largeBytes: number;
  readonly #small: OutPacket[] = [];
  readonly #large: OutPacket[] = [];

  /** @param largeBytes The largest datagram. */
  constructor(largeBytes: number) {
    this.#largeBytes = Math.max(largeBytes, SMALL_BYTES);
  }

  /** A packet with room for a datagram of `bytes`; its datagram is cut to that length. */
  acquire(bytes: number): OutPacket {
    const isSmall = bytes <= SMALL_BYTES;
    const packet =
      (isSmall ? this.#small : this.#large).pop() ??
      create(isSmall ? SMALL_BYTES : this.#largeBytes);
    resize(packet, bytes);
    packet.sentAtMs = 0;
    packet.order = 0;
    packet.transmissions = 0;
    packet.isSmall = false;
    packet.isAcked = false;
    packet.isLost = false;
    packet.isHeld = false;
    return packet;
  }

  release(packet: OutPacket): void {
    if (packet.isHeld) return;
    if (packet.memory.length === SMALL_BYTES) {
      if (this.#small.length < MAX_KEPT_SMALL) this.#small.push(packet);
    } else if (this.#large.length < MAX_KEPT_LARGE) {
      this.#large.push(packet);
    }
  }
}

/** Cuts the datagram to another length within its memory. */
export function resize(packet: OutPacket, bytes: number): void {
  if (packet.datagram.length !== bytes) packet.datagram = packet.memory.subarray(0, bytes);
}

function create(bytes: number): OutPacket {
  const memory = new Uint8Array(bytes);
  return {
    datagram: memory,
    memory,
    type: 0,
    seqNr: 0,
    headerBytes: 0,
    payloadBytes: 0,
    sentAtMs: 0,
    order: 0,
    transmissions: 0,
    isSmall: false,
    isAcked: false,
    isLost: false,
    isHeld: false,
  };
}

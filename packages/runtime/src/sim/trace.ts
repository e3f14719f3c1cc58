/** What a trace tells of. `detail` is a number of bytes where bytes move, else a port, a status or 0. */
export type TraceKind =
  | "timer"
  | "connect"
  | "accept"
  | "deliver"
  | "datagram"
  | "datagram-lost"
  | "reset"
  | "end"
  | "disk"
  | "store"
  | "crash"
  | "restart"
  | "partition"
  | "heal";

/** Called for everything that happens. `host` is the host's first address; empty for the world itself. */
export type Trace = (timeMs: number, kind: TraceKind, host: string, detail: number) => void;

export interface Counters {
  /** Events of the loop. */
  events: number;
  /** Payload bytes of TCP that reached a receiver. */
  bytesDelivered: number;
  datagramsDelivered: number;
  /** Lost to chance, a full queue, a partition, a NAT, the MTU or nobody listening. */
  datagramsLost: number;
  connections: number;
}

import type { ConnectOptions, StreamSocket } from "@shoal/runtime";

/**
 * What is known of a peer's uTP: nothing, that it is `spoken`, or that the peer awaits a connection over it and nothing
 * else (`only`, BEP 55).
 */
export type UtpHint = "unknown" | "spoken" | "only";

export interface PeerConnectOptions extends ConnectOptions {
  /** `unknown` when absent. */
  readonly utp?: UtpHint;
}

/** The way out to peers. */
export interface PeerNet {
  /** Holes can be punched (BEP 55): there is uTP, from the port at which connections are taken. */
  readonly canPunch: boolean;
  /** As `Net.connect`, over whichever transport works. */
  connect(options: PeerConnectOptions): Promise<StreamSocket>;
}

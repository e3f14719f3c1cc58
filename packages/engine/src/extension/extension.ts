import type { Bencodable, ExtensionHandshake } from "@shoal/protocol";
import type { PeerView } from "../peer/peer-view.ts";

/** One peer, as an extension sees it. */
export interface ExtensionPeer {
  readonly view: PeerView;
  /** Sends a message of this extension. Dropped when the other side does not speak it. */
  send(payload: Uint8Array): void;
}

/** An extension's side of one connection. */
export interface ExtensionSession {
  /**
   * It has business of its own to end: the connection is kept though neither side wants pieces any more, for ten minutes
   * at the most. Asked every second or so.
   */
  readonly isBusy?: boolean;
  /** The other side's extension handshake arrived; `supported` says whether it speaks this extension. May come again. */
  onHandshake?(handshake: ExtensionHandshake, supported: boolean): void;
  /** A message of this extension. What it throws closes the connection. */
  onMessage(payload: Uint8Array): void;
  onClose?(): void;
}

/**
 * A protocol extension (BEP 10) that plugs into the engine.
 *
 * The engine gives it message IDs and carries its messages; it knows nothing of what they mean.
 */
export interface PeerExtension {
  /** The name in the handshake's `m` dictionary: `ut_metadata`. */
  readonly name: string;
  /** Further entries for this side's extension handshake. */
  handshakeFields?(infoHash: string): Readonly<Record<string, Bencodable>>;
  /** Called for each connection. Null leaves the extension out of it. */
  attach(peer: ExtensionPeer): ExtensionSession | null;
}

/** What every error of this package extends. Code branches on `code`, never on the text. */
export abstract class ProtocolError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** A peer sent bytes that its protocol does not allow. The connection is of no more use. */
export class PeerWireError extends ProtocolError<
  | "message-too-long"
  | "bad-length"
  | "bad-handshake"
  | "bad-bitfield"
  | "bad-hashes"
  | "bad-compact-peers"
  | "bad-extension-message"
> {
  /** Where in the message, or in the bytes that were pushed, the fault lies. */
  readonly offset: number;

  constructor(
    code: PeerWireError["code"],
    offset: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.offset = offset;
  }
}

/** The other side broke the rules of Message Stream Encryption, or refused what was offered. */
export class MseError extends ProtocolError<
  "bad-public-key" | "no-sync" | "unknown-torrent" | "bad-check" | "no-common-crypto" | "bad-length"
> {
  /** How many bytes of the handshake had been read when the fault was found. */
  readonly offset: number;

  constructor(code: MseError["code"], offset: number, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.offset = offset;
  }
}

/** A tracker message that breaks BEP 3, 15 or 48. */
export class TrackerWireError extends ProtocolError<
  | "too-short"
  | "too-long"
  | "unknown-action"
  | "bad-connect"
  | "bad-bencode"
  | "bad-field"
  | "bad-query"
> {
  /** Offset in bytes (in characters for a query) of what was refused; null when it is the message as a whole. */
  readonly offset: number | null;

  constructor(
    code: TrackerWireError["code"],
    offset: number | null,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.offset = offset;
  }
}

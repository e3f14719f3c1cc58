import {
  createMessageReader,
  decodeHandshake,
  decodeMessage,
  encodeHandshake,
  encodeHaveAll,
  encodeUnchoke,
  HANDSHAKE_LENGTH_BYTES,
  type Handshake,
  looksLikeHandshake,
  type PeerMessage,
  PIECE_HEADER_LENGTH_BYTES,
  writePieceHeader,
} from "@shoal/protocol";
import type { Endpoint, Listener, StreamSocket } from "@shoal/runtime";
import type { SimHost } from "@shoal/runtime/sim";
import type { SampleTorrent } from "./swarm-world.ts";

/** A block that a scripted peer received. */
export interface HeardBlock {
  readonly piece: number;
  readonly begin: number;
  readonly bytes: Uint8Array;
}

/** What a scripted peer does of itself. All of it is optional: without, it keeps silent. */
export interface Script {
  readonly infoHash: Uint8Array;
  /** 20 bytes; drawn from the host's chance when absent. */
  readonly peerId?: Uint8Array;
  /** False sends nothing at all before a test does. */
  readonly handshake?: boolean;
  /** Whether it speaks the fast extension (BEP 6) and extended messages (BEP 10); true when absent. */
  readonly fast?: boolean;
  readonly extended?: boolean;
  /** Whether it says that it has a DHT node (BEP 5); false when absent. */
  readonly dht?: boolean;
  /** Both handshakes are done. */
  onOpen?(peer: ScriptedPeer): void;
  onMessage?(peer: ScriptedPeer, message: PeerMessage): void;
  onBlock?(peer: ScriptedPeer, block: HeardBlock): void;
}

/** One connection of a peer whose every byte a test decides, and that notes what it hears. */
export class ScriptedPeer {
  readonly socket: StreamSocket;
  readonly heard: PeerMessage[] = [];
  readonly blocks: HeardBlock[] = [];
  handshake: Handshake | null = null;
  isClosed = false;
  /** Payload of blocks and all other bytes that came. */
  receivedBytes = 0;
  readonly #script: Script;
  #raw = new Uint8Array(0);
  #block: { piece: number; begin: number; bytes: Uint8Array; at: number } | null = null;
  #push: ((bytes: Uint8Array, from: number, to: number) => void) | null = null;

  constructor(host: SimHost, socket: StreamSocket, script: Script) {
    this.socket = socket;
    this.#script = script;
    const place = new Uint8Array(64 * 1024);
    socket.receive({
      buffer: () => place,
      received: (lengthBytes, buffer) => this.#received(buffer.slice(0, lengthBytes)),
      ended: () => socket.destroy(),
      closed: () => (this.isClosed = true),
    });
    if (script.handshake === false) return;
    const { infoHash, fast = true, extended = true, dht = false } = script;
    const { peerId = host.random.bytes(20) } = script;
    this.send(encodeHandshake({ infoHash, peerId, fast, extended, dht, v2: false }));
  }

  send(...messages: readonly Uint8Array[]): void {
    for (const message of messages) this.socket.write(message.slice());
  }

  /** Messages of one kind, in the order they came. */
  heardOf<Type extends PeerMessage["type"]>(type: Type): (PeerMessage & { readonly type: Type })[] {
    return this.heard.filter((message) => message.type === type) as (PeerMessage & {
      readonly type: Type;
    })[];
  }

  #received(bytes: Uint8Array): void {
    this.receivedBytes += bytes.length;
    if (this.#push !== null) return this.#push(bytes, 0, bytes.length);
    this.#raw = Buffer.concat([this.#raw, bytes]);
    if (this.#raw.length < HANDSHAKE_LENGTH_BYTES) return;
    // What is no plain handshake (MSE) is not answered: who spoke first in plain hangs up.
    if (!looksLikeHandshake(this.#raw)) {
      if (this.#script.handshake !== false) this.socket.destroy();
      return;
    }
    this.handshake = decodeHandshake(this.#raw.subarray(0, HANDSHAKE_LENGTH_BYTES));
    this.#push = this.#createReader();
    this.#script.onOpen?.(this);
    const rest = this.#raw.subarray(HANDSHAKE_LENGTH_BYTES);
    this.#push(rest, 0, rest.length);
  }

  #hear(message: PeerMessage): void {
    this.heard.push(message);
    this.#script.onMessage?.(this, message);
  }

  #createReader(): (bytes: Uint8Array, from: number, to: number) => void {
    const reader = createMessageReader({
      onKeepAlive: () => {},
      onHave: (piece) => this.#hear({ type: "have", piece }),
      onRequest: (piece, begin, lengthBytes) =>
        this.#hear({ type: "request", piece, begin, lengthBytes }),
      onCancel: (piece, begin, lengthBytes) =>
        this.#hear({ type: "cancel", piece, begin, lengthBytes }),
      onReject: (piece, begin, lengthBytes) =>
        this.#hear({ type: "reject", piece, begin, lengthBytes }),
      onBlockStart: (piece, begin, lengthBytes) => {
        this.#block = { piece, begin, bytes: new Uint8Array(lengthBytes), at: 0 };
      },
      onBlockPart: (bytes, from, lengthBytes) => {
        this.#block!.bytes.set(bytes.subarray(from, from + lengthBytes), this.#block!.at);
        this.#block!.at += lengthBytes;
      },
      onBlockEnd: () => {
        this.blocks.push(this.#block!);
        this.#script.onBlock?.(this, this.#block!);
      },
      onMessage: (id, payload) => this.#hear(decodeMessage(id, payload)),
    });
    return (bytes, from, to) => reader.push(bytes, from, to);
  }
}

/** Connects to a session as a scripted peer. */
export async function dialScripted(
  host: SimHost,
  to: Endpoint,
  script: Script,
): Promise<ScriptedPeer> {
  const socket = await host.net.connect({ host: to.address, port: to.port });
  return new ScriptedPeer(host, socket, script);
}

/** Waits for connections as a scripted peer. `peers` grows with each one. */
export async function listenScripted(
  host: SimHost,
  port: number,
  script: Script,
): Promise<{ listener: Listener; peers: ScriptedPeer[] }> {
  const peers: ScriptedPeer[] = [];
  const listener = await host.net.listen({ port }, (socket) => {
    peers.push(new ScriptedPeer(host, socket, script));
  });
  return { listener, peers };
}

/** A whole `piece` message. */
export function pieceMessage(piece: number, begin: number, block: Uint8Array): Uint8Array {
  const message = new Uint8Array(PIECE_HEADER_LENGTH_BYTES + block.length);
  writePieceHeader(message, 0, piece, begin, block.length);
  message.set(block, PIECE_HEADER_LENGTH_BYTES);
  return message;
}

/** A torrent's bytes as they lie in the space of its pieces. */
export function spaceOf({ metainfo, contents }: SampleTorrent): Uint8Array {
  const space = new Uint8Array(metainfo.spaceBytes);
  metainfo.files.forEach((file, index) => space.set(contents[index]!, file.offsetBytes));
  return space;
}

/**
 * A script that has everything, unchokes, and answers every request.
 * @param options.answer May change a block, or withhold it with null.
 */
export function seedScript(
  sample: SampleTorrent,
  options: {
    answer?: (block: Uint8Array, piece: number, begin: number) => Uint8Array | null;
    infoHash?: Uint8Array;
    onOpen?: (peer: ScriptedPeer) => void;
  } = {},
): Script {
  const space = spaceOf(sample);
  const { metainfo } = sample;
  return {
    infoHash: options.infoHash ?? (metainfo.v1 ?? metainfo.v2)!.infoHash.subarray(0, 20),
    onOpen(peer) {
      peer.send(encodeHaveAll(), encodeUnchoke());
      options.onOpen?.(peer);
    },
    onMessage(peer, message) {
      if (message.type !== "request") return;
      const { piece, begin, lengthBytes } = message;
      const at = piece * metainfo.pieceLengthBytes + begin;
      const block = space.slice(at, at + lengthBytes);
      const answer = options.answer === undefined ? block : options.answer(block, piece, begin);
      if (answer !== null) peer.send(pieceMessage(piece, begin, answer));
    },
  };
}

/** The same block with its first byte changed. */
export function spoil(block: Uint8Array): Uint8Array {
  const bad = block.slice();
  bad[0] = bad[0]! ^ 0xff;
  return bad;
}

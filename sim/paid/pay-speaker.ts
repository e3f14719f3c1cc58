import {
  decodeExtensionHandshake,
  encodeExtended,
  encodeExtensionHandshake,
  encodeInterested,
  encodeRequest,
} from "@shoal/protocol";
import type { SimHost } from "@shoal/runtime/sim";
import type { Script, ScriptedPeer } from "../../packages/engine/src/simulation/scripted-peer.ts";
import {
  NONCE_LENGTH_BYTES,
  type PayConnection,
} from "../../packages/speed/src/channel/pay-terms.ts";
import { decodePay, encodePay } from "../../packages/speed/src/wire/pay-codec.ts";
import { PAY_EXTENSION, type PayMessage } from "../../packages/speed/src/wire/pay-message.ts";

const BLOCK = 16 * 1024;
/** Under which it takes messages itself. */
const OWN_ID = 7;

/** A scripted peer's `bt_pay`, whose every message a test decides. */
export class PaySpeaker {
  readonly peer: ScriptedPeer;
  readonly nonce: Uint8Array;
  readonly heard: PayMessage[] = [];
  /** Null before the other side's extension handshake. */
  theirNonce: Uint8Array | null = null;
  readonly #infoHash: Uint8Array;
  readonly #onHear: (speaker: PaySpeaker, message: PayMessage) => void;
  #theirId = 0;

  constructor(
    peer: ScriptedPeer,
    init: {
      readonly infoHash: Uint8Array;
      readonly nonce: Uint8Array;
      readonly onHear?: (speaker: PaySpeaker, message: PayMessage) => void;
    },
  ) {
    this.peer = peer;
    this.nonce = init.nonce;
    this.#infoHash = init.infoHash;
    this.#onHear = init.onHear ?? (() => undefined);
    const payload = encodeExtensionHandshake({
      extensions: { [PAY_EXTENSION]: OWN_ID },
      fields: { [PAY_EXTENSION]: init.nonce },
    });
    peer.send(encodeExtended(0, payload));
  }

  /** The connection as it is signed, when this side pays. */
  get asPayer(): PayConnection {
    return { infoHash: this.#infoHash, payeeNonce: this.theirNonce!, payerNonce: this.nonce };
  }
  /** The connection as it is signed, when this side is paid. */
  get asPayee(): PayConnection {
    return { infoHash: this.#infoHash, payeeNonce: this.nonce, payerNonce: this.theirNonce! };
  }

  heardOf<Type extends PayMessage["type"]>(type: Type): (PayMessage & { readonly type: Type })[] {
    return this.heard.filter((message) => message.type === type) as (PayMessage & {
      readonly type: Type;
    })[];
  }

  say(message: PayMessage): void {
    this.peer.send(encodeExtended(this.#theirId, encodePay(message)));
  }

  /** To be called for each extended message. */
  hear(id: number, payload: Uint8Array): void {
    if (id === OWN_ID) {
      const message = decodePay(payload);
      if (message === null) return;
      this.heard.push(message);
      this.#onHear(this, message);
    } else if (id === 0) {
      const handshake = decodeExtensionHandshake(payload);
      this.#theirId = handshake.extensions.get(PAY_EXTENSION) ?? this.#theirId;
      this.theirNonce ??= handshake.fields.bytes(PAY_EXTENSION)?.slice() ?? null;
    }
  }

  /** Asks for blocks, from this one on. @param lengthBytes Of each of them. */
  ask(first: number, count: number, pieceLengthBytes: number, lengthBytes = BLOCK): void {
    this.peer.send(encodeInterested());
    for (let block = first; block < first + count; block++) {
      const at = block * lengthBytes;
      const piece = Math.floor(at / pieceLengthBytes);
      this.peer.send(encodeRequest(piece, at % pieceLengthBytes, lengthBytes));
    }
  }
}

/** Adds `bt_pay` to a script. `speakers` grows with each connection. */
export function withPay(
  host: SimHost,
  script: Script,
  onHear?: (speaker: PaySpeaker, message: PayMessage) => void,
): { readonly script: Script; readonly speakers: PaySpeaker[] } {
  const speakers: PaySpeaker[] = [];
  const nonce = host.random.bytes(NONCE_LENGTH_BYTES);
  return {
    speakers,
    script: {
      ...script,
      onOpen(peer) {
        const { infoHash } = script;
        speakers.push(
          new PaySpeaker(peer, { infoHash, nonce, ...(onHear === undefined ? {} : { onHear }) }),
        );
        script.onOpen?.(peer);
      },
      onMessage(peer, message) {
        if (message.type === "extended") {
          const speaker = speakers.find((each) => each.peer === peer);
          speaker?.hear(message.id, message.payload);
        }
        script.onMessage?.(peer, message);
      },
    },
  };
}

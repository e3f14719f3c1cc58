import type { Address } from "@shoal/chain";
import type { ExtensionPeer, ExtensionSession, PeerExtension } from "@shoal/engine";
import { type ExtensionHandshake, fromHex } from "@shoal/protocol";
import type { Random } from "@shoal/runtime";
import { toPayAddress } from "../channel/pay-address.ts";
import type { PayChecks } from "../channel/pay-crypto.ts";
import { NONCE_LENGTH_BYTES } from "../channel/pay-terms.ts";
import { PayWireError } from "../errors.ts";
import { decodePay } from "../wire/pay-codec.ts";
import { PAY_EXTENSION } from "../wire/pay-message.ts";

/**
 * Hears at which accounts the peers of a session are paid. An offer is signed for the one connection that it comes over, so
 * nobody can bring another's.
 */
export class OfferWatch {
  readonly extension: PeerExtension;
  /** By the engine's number of the peer. */
  readonly #payees = new Map<number, Address>();

  constructor(checks: PayChecks, random: Random) {
    const nonce = random.bytes(NONCE_LENGTH_BYTES);
    this.extension = {
      name: PAY_EXTENSION,
      handshakeFields: () => ({ [PAY_EXTENSION]: nonce }),
      attach: (peer) => this.#watch(peer, checks, nonce),
    };
  }

  /** Null while the peer has not said, and once it is gone. */
  payeeOf(peerId: number): Address | null {
    return this.#payees.get(peerId) ?? null;
  }

  #watch(peer: ExtensionPeer, checks: PayChecks, ours: Uint8Array): ExtensionSession {
    let theirs: Uint8Array | null = null;
    const { id, infoHash } = peer.view;
    return {
      onHandshake(handshake: ExtensionHandshake) {
        const nonce = handshake.fields.bytes(PAY_EXTENSION);
        if (nonce?.length === NONCE_LENGTH_BYTES) theirs ??= nonce.slice();
      },
      onMessage: (payload) => {
        const message = decodePay(payload);
        if (message?.type !== "offer" || theirs === null || this.#payees.has(id)) return;
        if (message.chainId !== checks.digests.chainId) return;
        if (toPayAddress(message.contract) !== checks.digests.contract) return;
        const payee = toPayAddress(message.payee);
        const at = { infoHash: fromHex(infoHash), payeeNonce: theirs, payerNonce: ours };
        if (!checks.isOffer(at, message, payee, message)) {
          throw new PayWireError("an offer that was not signed for this connection");
        }
        this.#payees.set(id, payee);
      },
      onClose: () => void this.#payees.delete(id),
    };
  }
}

import type { WebSocketOffer } from "@shoal/protocol";
import { infoHashHex } from "@shoal/protocol";
import type { Clock, Random, StreamSocket } from "@shoal/runtime";
import type { WebPeers } from "@shoal/tracker";
import type { WebRtc, WebRtcOffer } from "@shoal/webrtc";

/** Offers of a session that have not led to a stream yet: each holds sockets. Torrents share them. */
const MAX_OFFERS_PENDING = 50;
/** Answered offers of others whose connections are being opened. */
const MAX_ANSWERS_PENDING = 50;
/** WebTorrent's peers forget an offer after this; one that was answered has found its way by then, or has not. */
const OFFER_LIFE_MS = 50_000;

interface PendingOffer {
  readonly infoHash: string;
  readonly offer: WebRtcOffer;
  isAnswered: boolean;
}

/**
 * Connects to browsers' peers as WebSocket trackers bring them together. Whoever made the offer speaks
 * first, as who dials does.
 */
export function createSessionWebPeers(init: {
  webRtc: WebRtc;
  clock: Clock;
  random: Random;
  /** Whether peers of this torrent are wanted. */
  hasTorrent: (infoHash: Uint8Array) => boolean;
  /** A stream to a peer of this torrent that took this side's offer. */
  onDialed: (socket: StreamSocket, infoHash: Uint8Array) => void;
  /** A stream to a peer whose offer was taken. */
  onAccepted: (socket: StreamSocket) => void;
  /** Gives up what is pending, and takes nothing more. */
  signal: AbortSignal;
}): WebPeers {
  const { webRtc, clock, random, signal } = init;
  /** By offer ID in hex. */
  const offers = new Map<string, PendingOffer>();
  let making = 0;
  let answering = 0;

  async function makeOffer(infoHash: Uint8Array): Promise<WebSocketOffer | null> {
    const offer = await webRtc.offer().catch(() => null);
    if (offer === null) return null;
    const offerId = random.bytes(20);
    const key = infoHashHex(offerId);
    offers.set(key, { infoHash: infoHashHex(infoHash), offer, isAnswered: false });
    const giveUp = (): void => offer.cancel();
    const timer = clock.setTimer(OFFER_LIFE_MS, giveUp);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    const forget = (): void => {
      timer.cancel();
      signal.removeEventListener("abort", giveUp);
      offers.delete(key);
    };
    offer.socket.then(
      (socket) => {
        forget();
        init.onDialed(socket, infoHash);
      },
      () => forget(),
    );
    return { offerId, offer: offer.description };
  }

  return {
    isAvailable: () => webRtc.isAvailable(),
    async createOffers(infoHash, count) {
      const room = MAX_OFFERS_PENDING - offers.size - making;
      const wanted = init.hasTorrent(infoHash) && !signal.aborted ? Math.min(count, room) : 0;
      if (wanted <= 0) return [];
      making += wanted;
      const made = await Promise.all(Array.from({ length: wanted }, () => makeOffer(infoHash)));
      making -= wanted;
      return made.filter((offer) => offer !== null);
    },
    async answer(infoHash, offer) {
      if (signal.aborted || answering >= MAX_ANSWERS_PENDING || !init.hasTorrent(infoHash)) {
        return null;
      }
      answering++;
      const release = (): void => void answering--;
      const attempt = await webRtc.answer(offer).catch(() => null);
      if (attempt === null) {
        release();
        return null;
      }
      const cancel = (): void => attempt.cancel();
      signal.addEventListener("abort", cancel, { once: true });
      if (signal.aborted) cancel();
      const forget = (): void => {
        signal.removeEventListener("abort", cancel);
        release();
      };
      attempt.socket.then(
        (socket) => {
          forget();
          init.onAccepted(socket);
        },
        () => forget(),
      );
      return attempt.description;
    },
    accept(infoHash, offerId, answer) {
      const pending = offers.get(infoHashHex(offerId));
      if (pending === undefined || pending.infoHash !== infoHashHex(infoHash)) return;
      if (pending.isAnswered) return;
      pending.isAnswered = true;
      // A broken answer ends the offer; the socket's promise tells.
      pending.offer.accept(answer).catch(() => {});
    },
  };
}

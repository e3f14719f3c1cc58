import type { HandshakeFlags } from "@shoal/protocol";
import { type Clock, type Net, NetError, type Random, type SlabPool } from "@shoal/runtime";
import { PeerError } from "../errors.ts";
import { dialPeer, type OpenedConnection } from "../peer/dial.ts";
import type { Encryption } from "../peer/encryption.ts";
import { type Candidates, keyOf, type NextCandidate } from "./candidates.ts";
import type { DialPace } from "./dial-pace.ts";
import type { PeerSource } from "./peer-source.ts";

/** Connections being opened at once, per torrent. */
const MAX_CONNECTING = 16;

/** What a {@link Dialer} takes from its session. */
export interface DialServices {
  /** How peers are connected to. */
  readonly net: Pick<Net, "connect">;
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: SlabPool;
  readonly encryption: Encryption;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** Local address to connect from; undefined for the system's choice. */
  readonly localAddress: string | undefined;
  readonly dialPace: DialPace;
}

/** Opens connections to a torrent's candidates, the best first, as long as there is room. */
export class Dialer {
  readonly #services: DialServices;
  readonly #candidates: Candidates;
  /** 20 bytes each: one, or the two of a hybrid torrent, which says that it can be upgraded to v2. */
  readonly #infoHashes: readonly Uint8Array[];
  readonly #flags: () => HandshakeFlags;
  readonly #hasRoom: () => boolean;
  readonly #onOpened: (opened: OpenedConnection, source: PeerSource) => void;
  readonly #connecting = new Map<string, AbortController>();

  constructor(init: {
    services: DialServices;
    candidates: Candidates;
    infoHashes: readonly Uint8Array[];
    /** Whether peers are told that this side has a DHT node (BEP 5). */
    hasDht: () => boolean;
    /** Whether one more connection may be opened, beside those that are being opened. */
    hasRoom: () => boolean;
    onOpened: (opened: OpenedConnection, source: PeerSource) => void;
  }) {
    this.#services = init.services;
    this.#candidates = init.candidates;
    this.#infoHashes = init.infoHashes;
    const v2 = init.infoHashes.length > 1;
    this.#flags = () => ({ fast: true, extended: true, dht: init.hasDht(), v2 });
    this.#hasRoom = init.hasRoom;
    this.#onOpened = init.onOpened;
  }

  /** Connections that are being opened. */
  get connecting(): number {
    return this.#connecting.size;
  }

  /** Connects to candidates while there is room, and as fast as the session may. */
  connect(): void {
    const { dialPace } = this.#services;
    while (this.#connecting.size < MAX_CONNECTING && this.#hasRoom() && dialPace.take()) {
      const candidate = this.#candidates.next();
      if (candidate === null) return dialPace.untake();
      void this.#dial(candidate);
    }
  }

  stop(): void {
    for (const attempt of this.#connecting.values()) attempt.abort();
    this.#connecting.clear();
  }

  async #dial({ endpoint, infoHash, source, tryOtherEncryption }: NextCandidate): Promise<void> {
    const key = keyOf(endpoint);
    const attempt = new AbortController();
    this.#connecting.set(key, attempt);
    const { net, clock, random, pool, peerId, encryption, localAddress } = this.#services;
    try {
      const opened = await dialPeer({
        net,
        clock,
        random,
        pool,
        endpoint,
        localAddress,
        infoHash,
        infoHashes: this.#infoHashes,
        peerId,
        flags: this.#flags(),
        encryption,
        tryOther: tryOtherEncryption,
        signal: attempt.signal,
      });
      if (attempt.signal.aborted) {
        opened.connection.close(new PeerError("closed", "stopped"));
        this.#candidates.released(endpoint);
        return;
      }
      this.#connecting.delete(key);
      this.#onOpened(opened, source);
    } catch (error) {
      if (attempt.signal.aborted) return this.#candidates.released(endpoint);
      this.#connecting.delete(key);
      const otherMayWork =
        !(error instanceof NetError) && (encryption === "allow" || encryption === "prefer");
      this.#candidates.failed(endpoint, otherMayWork);
    }
    this.connect();
  }
}

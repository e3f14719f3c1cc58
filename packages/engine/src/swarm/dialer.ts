import { type HandshakeFlags, PEX_FLAG } from "@shoal/protocol";
import { type Clock, type Endpoint, NetError, type Random, type SlabPool } from "@shoal/runtime";
import { PeerError } from "../errors.ts";
import { dialPeer, type OpenedConnection } from "../peer/dial.ts";
import type { Encryption } from "../peer/encryption.ts";
import { type Candidates, keyOf, type NextCandidate } from "./candidates.ts";
import type { DialPace } from "./dial-pace.ts";
import type { PeerNet } from "../transport/peer-net.ts";
import type { PeerSource } from "./peer-source.ts";

/** Connections being opened at once, per torrent. */
const MAX_CONNECTING = 16;
/** Those of them that punch holes are counted apart: the other side tries for seconds only, and cannot wait. */
const MAX_PUNCHING = 8;

/** What a {@link Dialer} takes from its session. */
export interface DialServices {
  /** How peers are connected to. */
  readonly net: Pick<PeerNet, "connect" | "canPunch">;
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
  readonly #onUnreachable: (candidate: NextCandidate) => void;
  readonly #connecting = new Map<string, AbortController>();
  /** Those of them that punch holes. */
  readonly #punching = new Set<string>();

  constructor(init: {
    services: DialServices;
    candidates: Candidates;
    infoHashes: readonly Uint8Array[];
    /** Whether peers are told that this side has a DHT node (BEP 5). */
    hasDht: () => boolean;
    /** Whether one more connection may be opened, beside those that are being opened. */
    hasRoom: () => boolean;
    onOpened: (opened: OpenedConnection, source: PeerSource) => void;
    /** Nobody answered at an address. */
    onUnreachable: (candidate: NextCandidate) => void;
  }) {
    this.#services = init.services;
    this.#candidates = init.candidates;
    this.#infoHashes = init.infoHashes;
    const v2 = init.infoHashes.length > 1;
    this.#flags = () => ({ fast: true, extended: true, dht: init.hasDht(), v2 });
    this.#hasRoom = init.hasRoom;
    this.#onOpened = init.onOpened;
    this.#onUnreachable = init.onUnreachable;
  }

  /** Connections that are being opened. */
  get connecting(): number {
    return this.#connecting.size;
  }

  /** Connects to candidates while there is room, and as fast as the session may. */
  connect(): void {
    const { dialPace } = this.#services;
    while (this.#ordinary < MAX_CONNECTING && this.#hasRoom() && dialPace.take()) {
      const candidate = this.#candidates.next();
      if (candidate === null) return dialPace.untake();
      void this.#dial(candidate);
    }
  }

  /** Connects over uTP to an address that is known, at once: the one there does the same (BEP 55). */
  punch(endpoint: Endpoint): void {
    const { dialPace } = this.#services;
    if (this.#punching.size >= MAX_PUNCHING || !this.#hasRoom() || !dialPace.take()) return;
    const candidate = this.#candidates.take(endpoint);
    if (candidate === null) return dialPace.untake();
    this.#punching.add(keyOf(endpoint));
    void this.#dial(candidate);
  }

  isPunching(endpoint: Endpoint): boolean {
    return this.#punching.has(keyOf(endpoint));
  }

  stop(): void {
    for (const attempt of this.#connecting.values()) attempt.abort();
    this.#connecting.clear();
    this.#punching.clear();
  }

  get #ordinary(): number {
    return this.#connecting.size - this.#punching.size;
  }

  async #dial(candidate: NextCandidate): Promise<void> {
    const { endpoint, infoHash, source, flags, tryOtherEncryption } = candidate;
    const isPunch = this.#punching.has(keyOf(endpoint));
    const key = keyOf(endpoint);
    const attempt = new AbortController();
    this.#connecting.set(key, attempt);
    const { net, clock, random, pool, peerId, encryption, localAddress } = this.#services;
    const isOtherPreferred = encryption === "allow" && (flags & PEX_FLAG.prefersEncryption) !== 0;
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
        tryOther: tryOtherEncryption !== isOtherPreferred,
        utp: isPunch ? "only" : (flags & PEX_FLAG.utp) === 0 ? "unknown" : "spoken",
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
      if (error instanceof NetError && !isPunch) this.#onUnreachable(candidate);
    }
    this.#punching.delete(key);
    this.connect();
  }
}

import type { Clock, Random } from "@shoal/runtime";
import { PeerError } from "../errors.ts";
import type { Peer } from "../peer/peer.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { SuperSeeding } from "./super-seeding.ts";

/** Taking pieces back costs a message for each: where there are more, peers are asked to come again. */
const MAX_TAKEN_BACK = 50_000;

/** What the switch needs of the swarm around it. */
export interface SuperSeededSwarm {
  readonly peers: ReadonlySet<Peer>;
  readonly transfer: Transfer | null;
  readonly clock: Clock;
}

/** Turns super seeding on while it is wanted and everything is here, and off when either ends. */
export class SuperSeedingSwitch {
  readonly #swarm: SuperSeededSwarm;
  readonly #random: Random;
  #isWanted: boolean;
  #seeding: SuperSeeding | null = null;

  constructor(swarm: SuperSeededSwarm, random: Random, isWanted: boolean) {
    this.#swarm = swarm;
    this.#random = random;
    this.#isWanted = isWanted;
  }

  /** Peers are told of no piece before it is theirs. */
  get isOn(): boolean {
    return this.#seeding !== null;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.review();
  }

  /** What is here, or what is wanted, has changed. */
  review(): void {
    const { transfer } = this.#swarm;
    const shouldBeOn = this.#isWanted && transfer !== null && transfer.have.isFull;
    if (shouldBeOn === this.isOn) return;
    if (shouldBeOn) this.#turnOn(transfer);
    else this.#turnOff();
  }

  onHave(peer: Peer, piece: number): void {
    this.#seeding?.onHave(peer, piece);
  }

  remove(peer: Peer): void {
    this.#seeding?.remove(peer);
  }

  tick(nowMs: number): void {
    this.review();
    if (this.#seeding === null) return;
    // A second after they came, when they have said what they have.
    for (const peer of this.#swarm.peers) {
      if (peer.have !== null && !peer.isClosed) this.#seeding.add(peer);
    }
    this.#seeding.tick(nowMs);
  }

  #turnOn({ geometry, picker }: Transfer): void {
    const { pieceCount } = geometry;
    const nowMs = this.#swarm.clock.monotonicMs();
    this.#seeding = new SuperSeeding({ pieceCount, picker, random: this.#random, nowMs });
    for (const peer of [...this.#swarm.peers]) {
      // Who does not know yet what is here need not forget it.
      if (peer.have === null) continue;
      if (pieceCount <= MAX_TAKEN_BACK && peer.telling.hideAll()) continue;
      peer.close(new PeerError("closed", "super seeding begins: it may come again"));
    }
  }

  #turnOff(): void {
    this.#seeding = null;
    for (const peer of this.#swarm.peers) peer.telling.revealAll();
  }
}

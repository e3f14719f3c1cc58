import { decodeHolepunch, encodeHolepunch, HOLEPUNCH_ERROR, PEX_FLAG } from "@shoal/protocol";
import type { Clock, Endpoint } from "@shoal/runtime";
import type { ExtensionPeer, ExtensionSession, PeerExtension } from "../extension/extension.ts";
import type { PeerTraits } from "../peer/peer-traits.ts";
import type { PeerView } from "../peer/peer-view.ts";
import { mayName } from "../pex/may-name.ts";
import type { NextCandidate } from "../swarm/candidates.ts";
import { MinuteBudget } from "./minute-budget.ts";

/** Messages of a peer that are heeded within a minute, and peers that it is asked to connect to: half of its places. */
const MAX_MESSAGES = 50;

/** What hole punching needs of the swarm around it. */
export interface PunchSwarm {
  /** There is uTP, and the torrent is not private (BEP 27). Asked anew each time. */
  readonly mayPunch: boolean;
  traitsOf(peer: PeerView): Pick<PeerTraits, "listensAt" | "isUtp">;
  /** Whether an endpoint is this side's own, as `remote` sees it. */
  isSelf(endpoint: Endpoint, remote: Endpoint): boolean;
  /** Whether a connection to this endpoint is being opened by hole punching. */
  isPunching(endpoint: Endpoint): boolean;
  /** Connects over uTP, at once: the one at `endpoint` does the same. `relay` is the IP address of who says so. */
  punch(endpoint: Endpoint, relay: string): void;
}

/**
 * `ut_holepunch` of one torrent (BEP 55). Two peers behind NATs, or filters that let nobody in, connect to each other at
 * the same time, so that to either NAT the other's packets are answers. A peer that both are connected to tells them when.
 */
export class HolepunchExchange implements PeerExtension {
  readonly name = "ut_holepunch";
  readonly #swarm: PunchSwarm;
  readonly #clock: Clock;
  /** By the id of the view. */
  readonly #partners = new Map<number, Partner>();

  constructor(swarm: PunchSwarm, clock: Clock) {
    this.#swarm = swarm;
    this.#clock = clock;
  }

  attach(peer: ExtensionPeer): ExtensionSession | null {
    const { view } = peer;
    // Port 0: a browser's peer, which speaks no uTP.
    if (!this.#swarm.mayPunch || view.remote.port === 0) return null;
    const partner = new Partner(peer, !view.incoming && this.#swarm.isPunching(view.remote));
    this.#partners.set(view.id, partner);
    return {
      onHandshake: (_handshake, supported) => void (partner.isSupporting = supported),
      onMessage: (payload) => this.#receive(partner, payload),
      onClose: () => void this.#partners.delete(view.id),
    };
  }

  /** Bits of `PEX_FLAG` that others should know of a connected peer. */
  flagsOf(peer: PeerView): number {
    const partner = this.#partners.get(peer.id);
    const isReached = !peer.incoming && partner?.wasPunched !== true;
    // Holes are punched over uTP alone.
    const holepunch = partner?.isSupporting === true ? PEX_FLAG.holepunch | PEX_FLAG.utp : 0;
    return (isReached ? PEX_FLAG.reachable : 0) | holepunch;
  }

  /** Has the peer that named an address, where nobody answered, bring the two sides together. */
  ask({ endpoint, flags, informant }: Pick<NextCandidate, "endpoint" | "flags" | "informant">) {
    if (!this.#swarm.mayPunch || (flags & PEX_FLAG.holepunch) === 0) return;
    for (const { peer, isSupporting } of this.#partners.values()) {
      if (!isSupporting || peer.view.remote.address !== informant) continue;
      peer.send(encodeHolepunch({ type: "rendezvous", endpoint }));
    }
  }

  /** @throws {PeerWireError} when the message is not one. */
  #receive(partner: Partner, payload: Uint8Array): void {
    const message = decodeHolepunch(payload);
    if (message === null || !this.#swarm.mayPunch) return;
    if (!partner.heard.take(this.#clock.monotonicMs())) return;
    const { endpoint } = message;
    const { remote } = partner.peer.view;
    if (message.type === "rendezvous") return this.#relay(partner, endpoint);
    // An error says no more than that the address stays what it is: one where nobody answers.
    if (message.type === "error" || endpoint.port === 0) return;
    if (mayName(endpoint.address, remote.address)) this.#swarm.punch(endpoint, remote.address);
  }

  /** Tells two peers to connect to each other, or the one that asks why that cannot be. */
  #relay(asker: Partner, endpoint: Endpoint): void {
    const found = this.#findTarget(asker, endpoint);
    if (typeof found === "string") {
      const code = HOLEPUNCH_ERROR[found];
      return asker.peer.send(encodeHolepunch({ type: "error", endpoint, code }));
    }
    // Who cannot hear that it should connect has nothing to ask for.
    if (!asker.isSupporting || !found.told.take(this.#clock.monotonicMs())) return;
    for (const [who, other] of [
      [found, asker],
      [asker, found],
    ] as const) {
      who.peer.send(encodeHolepunch({ type: "connect", endpoint: this.#placeOf(other) }));
    }
  }

  #findTarget(asker: Partner, endpoint: Endpoint): Partner | keyof typeof HOLEPUNCH_ERROR {
    const { remote } = asker.peer.view;
    if (endpoint.port === 0 || !mayName(endpoint.address, remote.address)) return "noSuchPeer";
    if (this.#swarm.isSelf(endpoint, remote)) return "noSelf";
    const target = [...this.#partners.values()].find(
      ({ peer: { view } }) =>
        isSame(view.remote, endpoint) || isSame(this.#swarm.traitsOf(view).listensAt, endpoint),
    );
    if (target === undefined) return "notConnected";
    if (target === asker) return "noSelf";
    if (!target.isSupporting) return "noSupport";
    return mayName(remote.address, target.peer.view.remote.address) ? target : "noSuchPeer";
  }

  /** Where packets of another reach a peer: over uTP it is where its own come from, as its NAT has it. */
  #placeOf({ peer: { view } }: Partner): Endpoint {
    const { isUtp, listensAt } = this.#swarm.traitsOf(view);
    return isUtp ? view.remote : (listensAt ?? view.remote);
  }
}

/** One connected peer. */
class Partner {
  readonly peer: ExtensionPeer;
  /** The connection was opened by hole punching. */
  readonly wasPunched: boolean;
  /** It takes messages of the extension. */
  isSupporting = false;
  readonly heard = new MinuteBudget(MAX_MESSAGES);
  /** Others that it was told to connect to. */
  readonly told = new MinuteBudget(MAX_MESSAGES);

  constructor(peer: ExtensionPeer, wasPunched: boolean) {
    this.peer = peer;
    this.wasPunched = wasPunched;
  }
}

function isSame(a: Endpoint | null, b: Endpoint): boolean {
  return a !== null && a.address === b.address && a.port === b.port;
}

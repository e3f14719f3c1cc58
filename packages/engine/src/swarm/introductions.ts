import { PEX_FLAG, type PexPeer } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import type { OwnPorts } from "../discovery/own-ports.ts";
import type { PeerExtension } from "../extension/extension.ts";
import { HolepunchExchange } from "../holepunch/holepunch-exchange.ts";
import type { Peer } from "../peer/peer.ts";
import type { PexExchange } from "../pex/pex-exchange.ts";
import { createSwarmPex } from "../pex/swarm-pex.ts";
import type { CandidateFacts, NextCandidate } from "./candidates.ts";
import type { Dialer, DialServices } from "./dialer.ts";
import type { ExternalAddress } from "./external-address.ts";

/** What introductions need of their swarm. */
export interface IntroducedSwarm {
  readonly peers: Iterable<Peer>;
  readonly ports: OwnPorts;
  /** Asked anew each time: a magnet link may turn out to be a private torrent (BEP 27). */
  isPrivate(): boolean;
  /** An address that a peer named. */
  addNamed(endpoint: Endpoint, facts: CandidateFacts): void;
  connect(): void;
  dialer(): Dialer;
}

/** How peers bring peers together: they name each other (BEP 11), and punch holes in NATs (BEP 55). */
export class Introductions {
  readonly extensions: readonly PeerExtension[];
  readonly #pex: PexExchange;
  readonly #holepunch: HolepunchExchange;

  /** @param peerExchange Whether peers are exchanged with peers. */
  constructor(
    swarm: IntroducedSwarm,
    services: DialServices & { readonly externalAddress: ExternalAddress },
    peerExchange: boolean,
  ) {
    const { clock, net, externalAddress } = services;
    this.#holepunch = new HolepunchExchange(
      {
        get mayPunch() {
          return net.canPunch && !swarm.isPrivate();
        },
        traitsOf: (view) => (view as Peer).traits,
        isSelf: ({ address, port }, remote) =>
          port === swarm.ports.towards(remote.address) &&
          address === externalAddress.towards(remote.address),
        isPunching: (endpoint) => swarm.dialer().isPunching(endpoint),
        punch(endpoint, informant) {
          swarm.addNamed(endpoint, { flags: PEX_FLAG.holepunch | PEX_FLAG.utp, informant });
          swarm.dialer().punch(endpoint);
        },
      },
      clock,
    );
    this.#pex = createSwarmPex({
      peers: swarm.peers,
      clock,
      mayExchange: () => peerExchange && !swarm.isPrivate(),
      flagsOf: (peer) => this.#holepunch.flagsOf(peer),
      onPeers(peers: readonly PexPeer[], informant: string) {
        for (const { address, port, flags } of peers) {
          swarm.addNamed({ address, port }, { flags, informant });
        }
        swarm.connect();
      },
    });
    this.extensions = [this.#pex, this.#holepunch];
  }

  /** Nobody answered at an address. */
  unreachable(candidate: NextCandidate): void {
    this.#holepunch.ask(candidate);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    this.#pex.tick(nowMs);
  }
}

import { isPublicAddress } from "@shoal/protocol";
import type { Clock, Endpoint, Gateway, Log, Net, Random, Timer, UdpSocket } from "@shoal/runtime";
import {
  decodeRouterAnswer,
  encodeNatPmpMap,
  encodePcpMap,
  type MappedProtocol,
  type MappingAnswer,
  type MappingRequest,
} from "./mapping-codec.ts";

/** Where routers listen for both protocols. */
const ROUTER_PORT = 5351;
/** RFC 6886, 3.3: what a mapping is asked to last. It is renewed when half of that has passed. */
const LIFETIME_S = 7200;
/** A router's lifetime is taken as this long at least, so that none makes this side ask all the time. */
const MIN_LIFETIME_S = 120;
/** RFC 6886, 3.1: 250 ms, then twice as long each time. It goes on to 64 s; a router next door has answered by then. */
const TRIES_MS = [250, 500, 1000, 2000] as const;
const FAREWELL_MS = [250, 500] as const;
/** From this try on a router that keeps silent is asked in both protocols. */
const BOTH_FROM_TRY = 1;
/** Networks change, and routers restart. */
const RETRY_MS = 10 * 60_000;

export interface PortMapping {
  readonly protocol: MappedProtocol;
  readonly internalPort: number;
  readonly externalPort: number;
  /** Null where the router did not tell. */
  readonly externalAddress: string | null;
}

/** Has the router pass a port on to this side, as long as it lives. */
export class PortMapper {
  readonly #net: Net;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #port: number;
  readonly #host: string | undefined;
  readonly #protocols: readonly MappedProtocol[];
  /** One for each mapping's life: only who made a mapping can end it. */
  readonly #nonce: Uint8Array;
  readonly #mappings = new Map<MappedProtocol, PortMapping>();
  #gateway: Gateway | null = null;
  #socket: UdpSocket | null = null;
  #waiting: ((answer: MappingAnswer) => void) | null = null;
  #speaksPcp = true;
  #timer: Timer | null = null;
  #isClosed = false;
  #work: Promise<void>;

  /** Begins at once. */
  constructor(init: {
    net: Net;
    clock: Clock;
    random: Random;
    log: Log;
    port: number;
    protocols: readonly MappedProtocol[];
    /** The address listened at; every one when absent. */
    host: string | undefined;
  }) {
    this.#host = init.host;
    this.#net = init.net;
    this.#clock = init.clock;
    this.#log = init.log;
    this.#port = init.port;
    this.#protocols = init.protocols;
    this.#nonce = init.random.bytes(12);
    this.#work = this.#renew();
  }

  /** What the router passes on now. */
  get mappings(): readonly PortMapping[] {
    return [...this.#mappings.values()];
  }

  /** Ends the mappings; takes a second at most. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#work;
    const made = [...this.#mappings.keys()];
    this.#mappings.clear();
    for (const protocol of made) await this.#ask(protocol, 0, FAREWELL_MS);
    await this.#socket?.close();
  }

  async #renew(): Promise<void> {
    let againMs = Infinity;
    try {
      await this.#openSocket();
      if (this.#socket === null) againMs = RETRY_MS;
      for (const protocol of this.#protocols) {
        if (this.#isClosed || this.#socket === null) break;
        const lifetimeS = await this.#map(protocol);
        againMs = Math.min(againMs, lifetimeS === null ? RETRY_MS : (lifetimeS / 2) * 1000);
      }
    } catch (error) {
      againMs = RETRY_MS;
      this.#log.debug("no port mapping", { error });
    }
    if (this.#isClosed) return;
    this.#timer = this.#clock.setTimer(Math.min(againMs, LIFETIME_S * 500), () => {
      this.#work = this.#renew();
    });
  }

  /** Opens a socket towards the router, anew where that is another one by now. */
  async #openSocket(): Promise<void> {
    // What is public is no router of a home, and no business of ours.
    const gateway = (await this.#net.gateways()).find(
      ({ address, localAddress }) =>
        !isPublicAddress(address) && (this.#host === undefined || this.#host === localAddress),
    );
    const known = this.#gateway;
    if (known?.address === gateway?.address && known?.localAddress === gateway?.localAddress)
      return;
    await this.#socket?.close();
    this.#socket = null;
    this.#mappings.clear();
    this.#gateway = gateway ?? null;
    this.#speaksPcp = true;
    if (gateway === undefined) return;
    const { localAddress: host } = gateway;
    this.#socket = await this.#net.bindUdp({ host, port: 0 }, (bytes, from) =>
      this.#receive(bytes, from),
    );
  }

  /** @returns the mapping's lifetime; null when there is none. */
  async #map(protocol: MappedProtocol): Promise<number | null> {
    const answer = await this.#ask(protocol, LIFETIME_S, TRIES_MS);
    if (answer === null || answer.result !== 0) {
      this.#mappings.delete(protocol);
      this.#log.debug("the router maps no port", { protocol, result: answer?.result ?? null });
      return null;
    }
    const { internalPort, externalPort, externalAddress } = answer;
    this.#mappings.set(protocol, { protocol, internalPort, externalPort, externalAddress });
    return Math.min(LIFETIME_S, Math.max(MIN_LIFETIME_S, answer.lifetimeS));
  }

  /** @returns null when no answer comes. */
  async #ask(
    protocol: MappedProtocol,
    lifetimeS: number,
    triesMs: readonly number[],
  ): Promise<MappingAnswer | null> {
    // RFC 6886, 3.4: what ends a mapping wishes for no port.
    const externalPort =
      lifetimeS === 0 ? 0 : (this.#mappings.get(protocol)?.externalPort ?? this.#port);
    const request = { protocol, internalPort: this.#port, externalPort, lifetimeS };
    for (const [attempt, waitMs] of triesMs.entries()) {
      const { promise, resolve } = Promise.withResolvers<MappingAnswer | null>();
      this.#waiting = (answer) => {
        if (answer.protocol === protocol && answer.internalPort === this.#port) resolve(answer);
      };
      this.#send(request, attempt);
      const timer = this.#clock.setTimer(waitMs, () => resolve(null));
      const answer = await promise;
      timer.cancel();
      this.#waiting = null;
      if (answer !== null) return answer;
      if (this.#isClosed && lifetimeS > 0) return null;
    }
    return null;
  }

  #send(request: MappingRequest, attempt: number): void {
    const gateway = this.#gateway;
    if (gateway === null) return;
    const to = { address: gateway.address, port: ROUTER_PORT };
    if (this.#speaksPcp) {
      this.#socket?.send(encodePcpMap(request, this.#nonce, gateway.localAddress), to);
    }
    if (!this.#speaksPcp || attempt >= BOTH_FROM_TRY) {
      this.#socket?.send(encodeNatPmpMap(request), to);
    }
  }

  /** Anybody in the local network may send here; the router alone is listened to. */
  #receive(bytes: Uint8Array, from: Endpoint): void {
    if (from.address !== this.#gateway?.address || from.port !== ROUTER_PORT) return;
    const answer = decodeRouterAnswer(bytes, this.#nonce);
    // The next try speaks NAT-PMP.
    if (answer === "other-version") this.#speaksPcp = false;
    else if (answer !== null) this.#waiting?.(answer);
  }
}

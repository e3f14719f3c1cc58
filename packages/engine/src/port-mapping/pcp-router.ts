import type { Clock, Endpoint, Gateway, Net, Random, UdpSocket } from "@shoal/runtime";
import {
  decodeRouterAnswer,
  encodeNatPmpMap,
  encodePcpMap,
  type MappedProtocol,
  type MappingAnswer,
  type MappingRequest,
} from "./mapping-codec.ts";
import type { Mapped, MappingRouter } from "./router.ts";

/** Where routers listen for both protocols. */
const ROUTER_PORT = 5351;
/** RFC 6886, 3.1: 250 ms, then twice as long each time. It goes on to 64 s; a router next door has answered by then. */
const TRIES_MS = [250, 500, 1000, 2000] as const;
const FAREWELL_MS = [250, 500] as const;
/** From this try on a router that keeps silent is asked in both protocols. */
const BOTH_FROM_TRY = 1;

/** A router asked in PCP, or in NAT-PMP where it knows only that. */
export class PcpRouter implements MappingRouter {
  readonly #clock: Clock;
  readonly #gateway: Gateway;
  /** One for each mapping's life: only who made a mapping can end it. */
  readonly #nonce: Uint8Array;
  #socket: UdpSocket | null = null;
  #internalPort = 0;
  readonly #waiting = new Set<(answer: MappingAnswer) => void>();
  #speaksPcp = true;

  private constructor(init: { clock: Clock; random: Random; gateway: Gateway }) {
    this.#clock = init.clock;
    this.#gateway = init.gateway;
    this.#nonce = init.random.bytes(12);
  }

  /** @throws {NetError} when there can be no socket at this side's address. */
  static async open(init: {
    net: Net;
    clock: Clock;
    random: Random;
    gateway: Gateway;
  }): Promise<PcpRouter> {
    const router = new PcpRouter(init);
    const { localAddress: host } = init.gateway;
    router.#socket = await init.net.bindUdp({ host, port: 0 }, (bytes, from) =>
      router.#receive(bytes, from),
    );
    return router;
  }

  async map(request: MappingRequest, signal: AbortSignal): Promise<Mapped | null> {
    this.#internalPort = request.internalPort;
    const answer = await this.#ask(request, TRIES_MS, signal);
    if (answer === null || answer.result !== 0 || answer.externalPort === 0) return null;
    const { by, externalPort, externalAddress, lifetimeS } = answer;
    return { by, externalPort, externalAddress, lifetimeS };
  }

  async unmap(protocol: MappedProtocol): Promise<void> {
    // RFC 6886, 3.4: what ends a mapping wishes for no port.
    const request = { protocol, internalPort: this.#internalPort, externalPort: 0, lifetimeS: 0 };
    await this.#ask(request, FAREWELL_MS, null);
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }

  /** @returns null when no answer comes, or `signal` is aborted. */
  async #ask(
    request: MappingRequest,
    triesMs: readonly number[],
    signal: AbortSignal | null,
  ): Promise<MappingAnswer | null> {
    const { protocol, internalPort } = request;
    for (const [attempt, waitMs] of triesMs.entries()) {
      if (signal?.aborted === true) return null;
      const { promise, resolve } = Promise.withResolvers<MappingAnswer | null>();
      const end = (): void => resolve(null);
      const hear = (answer: MappingAnswer): void => {
        if (answer.protocol === protocol && answer.internalPort === internalPort) resolve(answer);
      };
      this.#waiting.add(hear);
      this.#send(request, attempt);
      const timer = this.#clock.setTimer(waitMs, end);
      signal?.addEventListener("abort", end, { once: true });
      const answer = await promise;
      signal?.removeEventListener("abort", end);
      timer.cancel();
      this.#waiting.delete(hear);
      if (answer !== null) return answer;
    }
    return null;
  }

  #send(request: MappingRequest, attempt: number): void {
    const { address, localAddress } = this.#gateway;
    const to = { address, port: ROUTER_PORT };
    if (this.#speaksPcp) this.#socket?.send(encodePcpMap(request, this.#nonce, localAddress), to);
    if (!this.#speaksPcp || attempt >= BOTH_FROM_TRY) {
      this.#socket?.send(encodeNatPmpMap(request), to);
    }
  }

  /** Anybody in the local network may send here; the router alone is listened to. */
  #receive(bytes: Uint8Array, from: Endpoint): void {
    if (from.address !== this.#gateway.address || from.port !== ROUTER_PORT) return;
    const answer = decodeRouterAnswer(bytes, this.#nonce);
    // The next try speaks NAT-PMP.
    if (answer === "other-version") this.#speaksPcp = false;
    else if (answer !== null) for (const hear of [...this.#waiting]) hear(answer);
  }
}

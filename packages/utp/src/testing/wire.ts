import type { Clock, Endpoint, Random, StreamSocket } from "@shoal/runtime";
import {
  createUtpMultiplexer,
  type UtpMultiplexer,
  type UtpOptions,
} from "../multiplexer/multiplexer.ts";
import { Bottleneck, type LineOptions } from "./bottleneck.ts";

/** What happens to one datagram. */
export interface Fate {
  readonly isLost?: boolean;
  readonly copies?: number;
  /** Later than others by so much. */
  readonly extraMs?: number;
}

export interface WireOptions extends LineOptions {
  /** Decides over each datagram; all arrive when absent. */
  readonly fate?: (bytes: Uint8Array, from: Endpoint) => Fate;
  /** Longer datagrams are lost without a word. */
  readonly mtuBytes?: number;
}

const HEADER_BYTES = 28;

/** Multiplexers and the lines between them: one line for each that sends. */
export class Wire {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #options: WireOptions;
  readonly #ends = new Map<
    string,
    { mux: UtpMultiplexer; line: Bottleneck; isFlushComing: boolean }
  >();
  datagrams = 0;

  constructor(world: { clock: Clock; random: Random }, options: WireOptions) {
    this.#clock = world.clock;
    this.#random = world.random;
    this.#options = options;
  }

  open(
    address: string,
    onConnection?: (socket: StreamSocket) => void,
    more: Partial<UtpOptions> = {},
    line = new Bottleneck(this.#clock, this.#options),
  ): UtpMultiplexer {
    const local = { address, port: 6881 };
    const mux = createUtpMultiplexer({
      send: (bytes, to) => {
        this.#carry(bytes, local, to, line);
        return true;
      },
      clock: this.#clock,
      random: this.#random,
      local,
      ...(onConnection === undefined ? {} : { onConnection }),
      ...more,
    });
    this.#ends.set(address, { mux, line, isFlushComing: false });
    return mux;
  }

  lineOf(address: string): Bottleneck {
    return this.#ends.get(address)!.line;
  }

  /** Brings a datagram to an end as if `from` had sent it. */
  inject(bytes: Uint8Array, from: Endpoint, to: Endpoint): boolean {
    const end = this.#ends.get(to.address);
    if (end === undefined) return false;
    const isUtp = end.mux.receive(bytes, from);
    if (!end.isFlushComing) {
      end.isFlushComing = true;
      this.#clock.setTimer(0, () => {
        end.isFlushComing = false;
        end.mux.flush();
      });
    }
    return isUtp;
  }

  #carry(bytes: Uint8Array, from: Endpoint, to: Endpoint, line: Bottleneck): void {
    this.datagrams++;
    const { fate, mtuBytes = Infinity } = this.#options;
    const { isLost = false, copies = 1, extraMs = 0 } = fate?.(bytes, from) ?? {};
    if (isLost || bytes.length + HEADER_BYTES > mtuBytes) return;
    const own = bytes.slice();
    for (let copy = 0; copy < copies; copy++) {
      line.carry(own.length + HEADER_BYTES, () => this.inject(own, from, to), extraMs);
    }
  }
}

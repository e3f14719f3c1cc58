import { NetError } from "../errors.ts";
import type {
  ConnectOptions,
  Endpoint,
  Listener,
  ListenOptions,
  Net,
  StreamSocket,
} from "../ports/net.ts";
import { Flow } from "./flow.ts";
import { assertPort, claimPort, isAny, releasePort } from "./local-ports.ts";
import type { ConnectionEnd, ListeningPort, Machine } from "./machine.ts";
import { isAddress } from "./sim-dns.ts";
import type { Dns } from "../ports/dns.ts";
import type { SimProcess } from "./sim-process.ts";
import { SimSocket } from "./sim-socket.ts";
import { bindSimUdp } from "./sim-udp.ts";

/** As in the real world. */
const CONNECT_TIMEOUT_MS = 30_000;

/** A connection request that got no answer is repeated after 1, 2, 4 ... seconds. */
const FIRST_RETRY_MS = 1000;

/** TCP and UDP of one host. */
export function createSimNet(process: SimProcess, dns: Dns): Net {
  const { gateway } = process.machine.options;
  return {
    gateways: async () =>
      gateway === undefined
        ? []
        : [{ address: gateway, localAddress: process.machine.addressFor(gateway)! }],
    connect: (options) => connect(process, dns, options),
    listen: async (options, onConnection) => listen(process, options, onConnection),
    bindUdp: async (options, onDatagram, onTurnEnd) =>
      bindSimUdp(process, options, onDatagram, onTurnEnd),
  };
}

async function connect(
  process: SimProcess,
  dns: Dns,
  options: ConnectOptions,
): Promise<StreamSocket> {
  assertPort(options.port, 1);
  const { promise, resolve, reject } = Promise.withResolvers<StreamSocket>();
  const attempt = new Attempt(process, options, resolve, reject);
  const { signal } = options;
  const onAbort = () => attempt.fail("aborted", "it was cancelled", signal?.reason);
  if (!process.isAlive) return await promise;
  signal?.addEventListener("abort", onAbort, { once: true });
  const timeoutMs = options.timeoutMs ?? CONNECT_TIMEOUT_MS;
  const timer = process.later(timeoutMs, () =>
    attempt.fail("timeout", `no answer came within ${timeoutMs} ms`),
  );
  try {
    if (signal?.aborted === true) onAbort();
    else if (isAddress(options.host)) attempt.start(options.host);
    else {
      dns.resolve(options.host).then(
        ([address]) => attempt.start(address as string),
        (error: unknown) => attempt.fail("unreachable", "its name has no address", error),
      );
    }
    return await promise;
  } finally {
    process.world.loop.cancel(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** One call of `connect`. */
class Attempt {
  readonly #process: SimProcess;
  readonly #options: ConnectOptions;
  readonly #resolve: (socket: StreamSocket) => void;
  readonly #reject: (error: Error) => void;
  #isOver = false;

  constructor(
    process: SimProcess,
    options: ConnectOptions,
    resolve: (socket: StreamSocket) => void,
    reject: (error: Error) => void,
  ) {
    this.#process = process;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(address: string): void {
    if (this.#isOver) return;
    const { machine, network } = this.#process;
    const { localAddress } = this.#options;
    if (localAddress !== undefined && !machine.has(localAddress)) {
      this.fail("address-unavailable", `this host does not have the address ${localAddress}`);
      return;
    }
    const target = network.find(machine, address);
    const from = localAddress ?? machine.addressFor(address);
    if (target === undefined || from === undefined) {
      this.#process.later(machine.latencyMs * 2, () =>
        this.fail("unreachable", "no way leads there"),
      );
      return;
    }
    const port = machine.pickPort(() => true);
    if (port === null) this.fail("failed", "no local port is free");
    else this.#ask(target, { address: from, port }, { address, port: this.#options.port }, 0);
  }

  fail(code: NetError["code"], reason: string, cause?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { host, port } = this.#options;
    const text = `Could not connect to ${host} port ${port}: ${reason}.`;
    this.#reject(new NetError(code, text, cause === undefined ? {} : { cause }));
  }

  /** Sends a SYN, and again when it or the answer is lost. */
  #ask(target: Machine, local: Endpoint, remote: Endpoint, tries: number): void {
    const { machine, network, world } = this.#process;
    const out = network.path(machine, target);
    const back = network.path(target, machine);
    const retry = () =>
      this.#process.later(FIRST_RETRY_MS * 2 ** tries, () => {
        if (!this.#isOver) this.#ask(target, local, remote, tries + 1);
      });
    const isLost = out.lossRate > 0 && world.random.fraction() < out.lossRate;
    const isFiltered = target.options.isNatted === true && target !== machine;
    if (isLost || isFiltered || out.isBlocked()) {
      retry();
      return;
    }
    world.loop.after(out.latencyMs, () => {
      if (this.#isOver || !this.#process.isAlive) return;
      if (out.isBlocked() || back.isBlocked()) {
        retry();
        return;
      }
      const listening = findListening(target, remote);
      if (listening === undefined) {
        this.#process.later(back.latencyMs, () => this.fail("refused", "nothing listens there"));
        return;
      }
      const { near, far } = createPair(this.#process, target, { local, remote });
      this.#open(near, back.latencyMs);
      listening.accept(far);
    });
  }

  /** Before the other end accepts, so that its first bytes come after. */
  #open(near: SimSocket, backMs: number): void {
    this.#process.world.loop.after(backMs, () => {
      if (!this.#process.isAlive) return;
      if (this.#isOver) {
        near.destroy();
        return;
      }
      this.#isOver = true;
      this.#process.trace("connect", near.remote.port);
      this.#resolve(near);
    });
  }
}

/** Both ends of a new connection: the socket here, and what the other end makes one of. */
export function createPair(
  process: SimProcess,
  target: Machine,
  { local, remote }: { readonly local: Endpoint; readonly remote: Endpoint },
): { readonly near: SimSocket; readonly far: ConnectionEnd } {
  const { machine, network, world } = process;
  const forth = new Flow(world, network.path(machine, target));
  const back = new Flow(world, network.path(target, machine));
  world.counters.connections++;
  return {
    near: new SimSocket(process, { local, remote, out: forth, in: back }),
    far: { local: remote, remote: local, out: back, in: forth },
  };
}

function listen(
  process: SimProcess,
  options: ListenOptions,
  onConnection: (socket: StreamSocket) => void,
): Listener {
  const { machine } = process;
  const local = claimPort(machine, machine.listening, options);
  const address = options.host === undefined || isAny(options.host) ? null : options.host;
  const entry: ListeningPort = {
    address,
    port: local.port,
    process,
    accept(end) {
      process.trace("accept", local.port);
      onConnection(new SimSocket(process, end));
    },
  };
  const entries = machine.listening.get(local.port) ?? [];
  machine.listening.set(local.port, [...entries, entry]);
  const close = () => {
    process.held.delete(holder);
    releasePort(machine.listening, local.port, entry);
  };
  const holder = { release: close, kill: close };
  process.held.add(holder);
  return { local, close: async () => close() };
}

function findListening(machine: Machine, { address, port }: Endpoint): ListeningPort | undefined {
  return machine.listening
    .get(port)
    ?.find((entry) => entry.address === null || entry.address === address);
}

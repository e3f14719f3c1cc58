import { execFile } from "node:child_process";
import { BlockList, isIP, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { promisify } from "node:util";
import { NetError } from "../errors.ts";

const run = promisify(execFile);

/** So soon sockets of an address that has gone are closed. */
const LOOK_MS = 500;
/** What is about to be sent over a datagram socket does not rely on an older look than this. */
const FRESH_MS = 20;
/** So soon a route that was changed is noticed; the system tells nobody. */
const ROUTE_CHECK_MS = 5000;
/** Any addresses that only a default route leads to. Nothing is sent there. */
const FAR = { 4: "1.1.1.1", 6: "2606:4700:4700::1111" } as const;

type Family = 4 | 6;

/**
 * One network interface, and whether the system sends by it what has its address.
 *
 * Node cannot bind a socket to an interface, only to an address. So sockets have the interface's address, what lies in
 * the networks of other interfaces is not sent to, and the system's routes are asked which way the address leads.
 */
export class InterfaceGuard {
  readonly name: string;
  readonly #watchers = new Set<() => void>();
  readonly #timers: NodeJS.Timeout[];
  #addresses: Partial<Record<Family, string>> = {};
  #own = new BlockList();
  #others = new BlockList();
  #seen = "";
  #lookedMs = 0;
  /** By family: the other way that the address leads. */
  #wrong: Partial<Record<Family, string>> = {};
  #checking: Promise<void> = Promise.resolve();

  constructor(name: string) {
    this.name = name;
    this.#look();
    this.#timers = [
      setInterval(() => this.#look(), LOOK_MS).unref(),
      setInterval(() => {
        this.#checking = this.#checkRoutes();
      }, ROUTE_CHECK_MS).unref(),
    ];
  }

  /** Calls `watcher` whenever addresses have come or gone, or lead elsewhere. Returns a function that ends that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Resolves once the routes of the addresses at hand are known. */
  async ready(): Promise<void> {
    await this.#checking;
  }

  /** Looks again, unless that was just done: an interface may have gone since. */
  refresh(): void {
    if (performance.now() - this.#lookedMs > FRESH_MS) this.#look();
  }

  /** @returns whether sockets may have this address now. */
  mayUse(address: string): boolean {
    const family = familyOf(address);
    return this.#addresses[family] === address && this.#wrong[family] === undefined;
  }

  /** The families of the interface's addresses, IPv4 first. */
  get families(): readonly Family[] {
    return ([4, 6] as const).filter((family) => this.#addresses[family] !== undefined);
  }

  /**
   * The address to send to `target` from.
   * @throws {NetError} `off` when that would not leave by the interface.
   */
  addressFor(target: string): string {
    if (isIP(target) === 0) throw this.#off(`${target} is a name, not an address`);
    const type = isIPv6(target) ? "ipv6" : "ipv4";
    if (this.#others.check(target, type) && !this.#own.check(target, type)) {
      throw this.#off(`${target} is in the network of another interface`);
    }
    return this.address(familyOf(target));
  }

  /** @throws {NetError} `off` when there is none, or it leads elsewhere. */
  address(family: Family): string {
    const address = this.#addresses[family];
    const wrong = this.#wrong[family];
    if (address === undefined) {
      const state =
        this.families.length === 0
          ? "it is down, not there, or has no address"
          : `it has no IPv${family} address`;
      throw this.#off(state);
    }
    if (wrong === undefined) return address;
    throw this.#off(
      `the system sends what comes from ${address} by ${wrong}. ` +
        `Give that address a route of its own: ip rule add from ${address} table 100; ip route add default dev ${this.name} table 100`,
    );
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #off(reason: string): NetError {
    return new NetError("off", `Nothing is sent by the interface ${this.name}: ${reason}.`);
  }

  /** Only interfaces that are up and have a carrier are told of. */
  #look(): void {
    this.#lookedMs = performance.now();
    const all = networkInterfaces();
    const seen = JSON.stringify(all);
    if (seen === this.#seen) return;
    this.#seen = seen;
    const [own, others] = [new BlockList(), new BlockList()];
    const addresses: Partial<Record<Family, string>> = {};
    for (const [name, entries = []] of Object.entries(all)) {
      for (const { address, family, cidr } of entries) {
        const type = family === "IPv6" ? "ipv6" : "ipv4";
        // Of a link alone: every interface has that network.
        if (address.startsWith("fe80:") || cidr === null) continue;
        const list = name === this.name ? own : others;
        list.addSubnet(address, Number(cidr.split("/")[1]), type);
        if (name === this.name) addresses[familyOf(address)] ??= address;
      }
    }
    this.#own = own;
    this.#others = others;
    this.#addresses = addresses;
    this.#checking = this.#checkRoutes();
    this.#tell();
  }

  /** Asks Linux; elsewhere the addresses have to do. */
  async #checkRoutes(): Promise<void> {
    if (process.platform !== "linux") return;
    const wrong: Partial<Record<Family, string>> = {};
    for (const family of this.families) {
      const way = await deviceOf(FAR[family], this.#addresses[family]!);
      if (way !== null && way !== this.name) wrong[family] = way;
    }
    const isNew = JSON.stringify(wrong) !== JSON.stringify(this.#wrong);
    this.#wrong = wrong;
    if (isNew) this.#tell();
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** The interface by which a packet would leave; null when no way leads there, or nobody can tell. */
async function deviceOf(target: string, from: string): Promise<string | null> {
  try {
    const { stdout } = await run("ip", ["-o", "route", "get", target, "from", from]);
    return / dev (\S+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

function familyOf(address: string): Family {
  return isIPv6(address) ? 6 : 4;
}

import {
  type Address,
  type EmbeddedChain,
  listNetworks,
  type Network,
  openNetwork,
  Sender,
} from "@shoal/chain";
import type { Runtime } from "@shoal/runtime";

/** A chain, and what was signed here for it. */
export interface OpenedNetwork {
  readonly network: Network;
  readonly sender: Sender;
}

export interface NetworksInit {
  readonly runtime: Pick<Runtime, "clock" | "http" | "store" | "log">;
  /** The chain of this process; null where none runs. */
  readonly embedded: EmbeddedChain | null;
  /** Endpoints to use instead of those that are known, by network. */
  readonly rpcUrls: Readonly<Record<string, readonly string[]>>;
  /** Contracts that are known on a chain; none when absent. */
  readonly contractsOn?: (chainId: number) => Readonly<Record<string, Address>>;
}

/** Named by its endpoints alone: nothing can be said of it before. */
const ANY_EVM = "evm";

/** The chains that money of this node may lie on, each opened when it is first needed. */
export class Networks {
  readonly #init: NetworksInit;
  readonly #opened = new Map<string, Promise<OpenedNetwork>>();

  constructor(init: NetworksInit) {
    this.#init = init;
  }

  /** @throws {ChainError} `unknown-network`; `unreachable` where no embedded chain runs. */
  async open(name: string): Promise<OpenedNetwork> {
    const known = this.#opened.get(name);
    if (known !== undefined) return await known;
    const opening = this.#open(name);
    this.#opened.set(name, opening);
    try {
      return await opening;
    } catch (error) {
      this.#opened.delete(name);
      throw error;
    }
  }

  /** Those that can be opened without asking anybody. */
  async list(): Promise<Network[]> {
    const { embedded, rpcUrls } = this.#init;
    const names = listNetworks().flatMap(({ name }) => {
      if (name === "embedded" && embedded === null && rpcUrls[name] === undefined) return [];
      return name === ANY_EVM && rpcUrls[name] === undefined ? [] : [name];
    });
    const opened = await Promise.allSettled(names.map((name) => this.open(name)));
    return opened.flatMap((each) => (each.status === "fulfilled" ? [each.value.network] : []));
  }

  /** Sends again what no block has yet, on every network that is open. */
  async refresh(): Promise<void> {
    for (const opening of this.#opened.values()) {
      try {
        await (await opening).sender.refresh();
      } catch (error) {
        this.#init.runtime.log.debug("waiting transactions could not be looked after", { error });
      }
    }
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values());
    for (const each of opened) if (each.status === "fulfilled") await each.value.network.close();
  }

  async #open(name: string): Promise<OpenedNetwork> {
    const { runtime, embedded, rpcUrls, contractsOn = () => ({}) } = this.#init;
    const urls = rpcUrls[name];
    const network = await openNetwork(name, {
      http: runtime.http,
      contractsOn,
      ...(embedded !== null && name === "embedded" && { embedded }),
      ...(urls !== undefined && urls.length > 0 && { rpcUrls: urls }),
    });
    return { network, sender: await Sender.open(network, runtime.store, runtime.clock) };
  }
}

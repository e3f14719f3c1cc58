import type { Endpoint } from "@shoal/runtime";
import type { Connection } from "../connection/connection.ts";

/** The connections of a multiplexer, by the ID of packets that come in and by address. */
export class ConnectionTable {
  readonly #byId = new Map<number, Connection[]>();
  readonly #byAddress = new Map<string, number>();
  readonly #all = new Set<Connection>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }

  countOf(address: string): number {
    return this.#byAddress.get(address) ?? 0;
  }

  find(receiveId: number, from: Endpoint): Connection | undefined {
    const same = this.#byId.get(receiveId);
    if (same === undefined) return undefined;
    for (const connection of same) {
      const { remote } = connection;
      if (remote.port === from.port && remote.address === from.address) return connection;
    }
    return undefined;
  }

  /** A reset may carry either ID: who has forgotten a connection only knows the one of the packet that he answers. */
  findByEither(id: number, from: Endpoint): Connection | undefined {
    for (const receiveId of [id, id - 1, id + 1]) {
      const found = this.find(receiveId & 0xffff, from);
      if (found !== undefined && (found.receiveId === id || found.sendId === id)) return found;
    }
    return undefined;
  }

  add(connection: Connection): void {
    const { receiveId, remote } = connection;
    const same = this.#byId.get(receiveId);
    if (same === undefined) this.#byId.set(receiveId, [connection]);
    else same.push(connection);
    this.#byAddress.set(remote.address, this.countOf(remote.address) + 1);
    this.#all.add(connection);
  }

  /** @returns Whether it was here. */
  delete(connection: Connection): boolean {
    if (!this.#all.delete(connection)) return false;
    const { receiveId, remote } = connection;
    const left = this.#byId.get(receiveId)!.filter((other) => other !== connection);
    if (left.length === 0) this.#byId.delete(receiveId);
    else this.#byId.set(receiveId, left);
    const count = this.countOf(remote.address) - 1;
    if (count === 0) this.#byAddress.delete(remote.address);
    else this.#byAddress.set(remote.address, count);
    return true;
  }
}

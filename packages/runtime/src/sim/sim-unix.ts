import { NetError } from "../errors.ts";
import type { Listener, StreamSocket } from "../ports/net.ts";
import type { ListeningPort } from "./machine.ts";
import { createPair } from "./sim-net.ts";
import type { SimProcess } from "./sim-process.ts";
import { SimSocket } from "./sim-socket.ts";

const NOWHERE = { address: "", port: 0 };

/**
 * Listens at a Unix socket of the machine.
 * @throws {NetError} `address-in-use` when a program that runs has it.
 */
export function listenUnix(
  process: SimProcess,
  path: string,
  onConnection: (socket: StreamSocket) => void,
): Listener {
  const { unixSockets } = process.machine;
  if (unixSockets.get(path)?.process.isAlive === true) {
    const text = `Another program listens at ${path}. End that one first.`;
    throw new NetError("address-in-use", text);
  }
  const entry: ListeningPort = {
    address: path,
    port: 0,
    process,
    accept: (end) => onConnection(new SimSocket(process, end)),
  };
  unixSockets.set(path, entry);
  const close = () => {
    process.held.delete(holder);
    if (unixSockets.get(path) === entry) unixSockets.delete(path);
  };
  const holder = { release: close, kill: () => {} };
  process.held.add(holder);
  return { local: { address: path, port: 0 }, close: async () => close() };
}

/**
 * Connects to a Unix socket of the machine.
 * @throws {NetError} `refused` when nobody listens there.
 */
export async function connectUnix(process: SimProcess, path: string): Promise<StreamSocket> {
  const listening = process.machine.unixSockets.get(path);
  if (listening?.process.isAlive !== true) {
    throw new NetError("refused", `Could not connect to ${path}: nothing listens there.`);
  }
  const { near, far } = createPair(process, process.machine, { local: NOWHERE, remote: NOWHERE });
  listening.accept(far);
  return near;
}

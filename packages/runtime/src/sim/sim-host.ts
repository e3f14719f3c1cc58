import type { Runtime } from "../ports/runtime.ts";
import type { HostFiles } from "./file-system.ts";
import { requestHttp } from "./http-client.ts";
import { serveHttp } from "./http-server.ts";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import { createSimDisk } from "./sim-disk.ts";
import { createSimDns } from "./sim-dns.ts";
import { createSimLog } from "./sim-log.ts";
import { createSimNet } from "./sim-net.ts";
import { SimProcess } from "./sim-process.ts";
import { SimRandom } from "./sim-random.ts";
import { createSimStore } from "./sim-store.ts";
import { openWebSocket } from "./sim-web-socket.ts";
import type { World } from "./world-state.ts";

/** One run of a program on a host: its ports, and what a test may do to it. */
export interface SimHost extends Runtime {
  /** The host's first address. */
  readonly address: string;
  /** The host's disk, as a test sees and prepares it. */
  readonly files: HostFiles;
  readonly isAlive: boolean;
  /**
   * Ends the program without warning. `process` (`kill -9`, the default): the kernel resets its
   * connections and keeps what was written; operations under way are done, left or torn. `power`:
   * peers hear nothing until they try, and what was not synced may be lost or torn.
   */
  crash(how?: "process" | "power"): void;
}

export function createSimHost(world: World, network: Network, machine: Machine): SimHost {
  machine.runs++;
  const process = new SimProcess(world, network, machine);
  machine.process = process;
  const dns = createSimDns(process);
  const net = createSimNet(process, dns);
  const disk = createSimDisk(process);
  const store = createSimStore(process);
  return {
    address: machine.address,
    files: machine.files,
    get isAlive() {
      return process.isAlive;
    },
    clock: process.clock,
    random: new SimRandom(`${world.seed} ${machine.address} ${machine.runs}`),
    net,
    dns,
    http: {
      request: (request) => requestHttp(process, net, dns, request),
      serve: (options, handle, accept) => serveHttp(process, net, options, handle, accept),
      openWebSocket: (request) => openWebSocket(process, net, dns, request),
      over: (ways) => ({
        request: (request) => requestHttp(process, ways.net, ways.dns, request),
        openWebSocket: (request) => openWebSocket(process, ways.net, ways.dns, request),
      }),
    },
    disk,
    store,
    log: createSimLog(process, {}),
    async close() {
      if (!process.isAlive) return;
      await disk.close();
      await store.close();
      process.end();
    },
    crash(how = "process") {
      if (!process.isAlive) throw new TypeError(`${machine.address} is not running`);
      process.trace("crash", how === "power" ? 1 : 0);
      process.kill(how);
      if (how === "process") return;
      machine.isOn = false;
      machine.files.cutPower();
      machine.database?.cutPower(world.random, world.loop.nowMs);
    },
  };
}

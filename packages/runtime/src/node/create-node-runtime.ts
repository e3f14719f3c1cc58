import type { Runtime } from "../ports/runtime.ts";
import { createClock } from "./clock.ts";
import { createDisk } from "./disk.ts";
import { createDns } from "./dns.ts";
import { createHttpClient } from "./http-client.ts";
import { serveHttp } from "./http-server.ts";
import { createInterfaceDns } from "./interface-dns.ts";
import { InterfaceGuard } from "./interface-guard.ts";
import { createInterfaceNet } from "./interface-net.ts";
import { createLog } from "./log.ts";
import type { LogLevel } from "./log.ts";
import { createNet } from "./net.ts";
import { createRandom } from "./random.ts";
import { createStore } from "./store.ts";

/** Any time that a timer takes. */
const LIFE_SIGN_MS = 2 ** 30;
const DEFAULT_POOL_BUDGET_BYTES = 32 * 1024 * 1024;

export interface NodeRuntimeOptions {
  /** The SQLite file, its folder created when missing; null or absent keeps the store in memory. */
  readonly storePath?: string | null;
  /** Payload in memory before sockets pause: 32 MiB when absent, at most 200 MiB. */
  readonly poolBudgetBytes?: number;
  /** So many worlds share the machine, and divide disk threads and open files among them; 1 when absent. */
  readonly sharedBy?: number;
  /** The local address for everything that names none. */
  readonly bind?: string;
  /**
   * The network interface, such as `tun0`, by which everything leaves and comes in. While it has no address, or the
   * system would send by another, nothing is sent: `NetError` `off`. Names are looked up by it too.
   */
  readonly interface?: string;
  /** IP addresses of name servers for `interface`; the system's when absent. */
  readonly nameServers?: readonly string[];
  /** Keeps the process alive until the world is closed, also while no socket is open; false when absent. */
  readonly keepsAlive?: boolean;
  /** `info` when absent. */
  readonly logLevel?: LogLevel;
  /** Takes the log's lines; standard error when absent. */
  readonly writeLog?: (line: string) => void;
}

/**
 * The real world. Nothing is opened and no thread is started before it is needed.
 * @throws {NetError} `off` when nothing can leave by the interface that is named.
 * @throws {RangeError} for a pool budget, or a share of the machine, that is not possible.
 */
export async function createNodeRuntime(options: NodeRuntimeOptions = {}): Promise<Runtime> {
  const { storePath = null, bind } = options;
  const guard = options.interface === undefined ? null : await openInterface(options.interface);
  const dns = guard === null ? createDns() : createInterfaceDns(guard, options.nameServers);
  const net = guard === null ? createNet(bind) : createInterfaceNet(createNet(bind), guard);
  const client =
    guard === null ? createHttpClient(dns) : createHttpClient(dns, (to) => net.connect(to));
  const clients = [client];
  const disk = createDisk({
    poolBudgetBytes: options.poolBudgetBytes ?? DEFAULT_POOL_BUDGET_BYTES,
    sharedBy: options.sharedBy ?? 1,
  });
  const store = createStore(storePath);
  const life = options.keepsAlive === true ? setInterval(() => {}, LIFE_SIGN_MS) : undefined;
  return {
    clock: createClock(),
    random: createRandom(),
    net,
    dns,
    http: {
      request: (request) =>
        client.request(bind === undefined ? request : { localAddress: bind, ...request }),
      async serve(where, handle, accept) {
        if ("path" in where) return await serveHttp(where, handle, accept);
        await guard?.ready();
        const host = bind ?? guard?.address(guard.families[0] ?? 4);
        return await serveHttp(host === undefined ? where : { host, ...where }, handle, accept);
      },
      openWebSocket: (request) =>
        client.openWebSocket(bind === undefined ? request : { localAddress: bind, ...request }),
      over(ways) {
        const other = createHttpClient(ways.dns, (options) => ways.net.connect(options));
        clients.push(other);
        return other;
      },
    },
    disk,
    store,
    log: createLog({
      level: options.logLevel ?? "info",
      write: options.writeLog ?? ((line) => void process.stderr.write(line)),
    }),
    async close() {
      clearInterval(life);
      guard?.close();
      for (const each of clients) each.close();
      await Promise.all([disk.close(), store.close()]);
    },
  };
}

async function openInterface(name: string): Promise<InterfaceGuard> {
  const guard = new InterfaceGuard(name);
  try {
    await guard.ready();
    guard.address(guard.families[0] ?? 4);
    return guard;
  } catch (error) {
    guard.close();
    throw error;
  }
}

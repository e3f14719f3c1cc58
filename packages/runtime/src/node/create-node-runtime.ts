import type { Runtime } from "../ports/runtime.ts";
import { createClock } from "./clock.ts";
import { createDisk } from "./disk.ts";
import { createDns } from "./dns.ts";
import { createHttpClient } from "./http-client.ts";
import { serveHttp } from "./http-server.ts";
import { createLog } from "./log.ts";
import type { LogLevel } from "./log.ts";
import { createNet } from "./net.ts";
import { createRandom } from "./random.ts";
import { createStore } from "./store.ts";

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
  /** `info` when absent. */
  readonly logLevel?: LogLevel;
  /** Takes the log's lines; standard error when absent. */
  readonly writeLog?: (line: string) => void;
}

/**
 * The real world. Nothing is opened and no thread is started before it is needed.
 * @throws {RangeError} for a pool budget, or a share of the machine, that is not possible.
 */
export async function createNodeRuntime(options: NodeRuntimeOptions = {}): Promise<Runtime> {
  const { storePath = null, bind } = options;
  const dns = createDns();
  const client = createHttpClient(dns);
  const clients = [client];
  const disk = createDisk({
    poolBudgetBytes: options.poolBudgetBytes ?? DEFAULT_POOL_BUDGET_BYTES,
    sharedBy: options.sharedBy ?? 1,
  });
  const store = createStore(storePath);
  return {
    clock: createClock(),
    random: createRandom(),
    net: createNet(bind),
    dns,
    http: {
      request: (request) =>
        client.request(bind === undefined ? request : { localAddress: bind, ...request }),
      serve: (where, handle, accept) =>
        serveHttp(bind === undefined ? where : { host: bind, ...where }, handle, accept),
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
      for (const each of clients) each.close();
      await Promise.all([disk.close(), store.close()]);
    },
  };
}

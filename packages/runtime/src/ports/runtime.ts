import type { Clock } from "./clock.ts";
import type { Disk } from "./disk.ts";
import type { Dns } from "./dns.ts";
import type { Http } from "./http.ts";
import type { Log } from "./log.ts";
import type { Net } from "./net.ts";
import type { Random } from "./random.ts";
import type { Store } from "./store.ts";

/** Everything a program may want of the world outside it. A part takes only the ports that it needs. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly net: Net;
  readonly dns: Dns;
  readonly http: Http;
  readonly disk: Disk;
  readonly store: Store;
  readonly log: Log;
  close(): Promise<void>;
}

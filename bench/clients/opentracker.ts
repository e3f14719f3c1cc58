import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Child, type ChildOptions } from "./child.ts";
import { untilTrue } from "./deadline.ts";
import { findFreePort } from "./free-port.ts";

export interface TrackerUrls {
  readonly pid: number;
  readonly http: string;
  readonly udp: string;
}

/**
 * Starts opentracker, over HTTP and UDP at one port.
 * @param options.infoHashes Hex: Debian's serves only torrents that it was told of.
 */
export async function startOpentracker(
  options: ChildOptions & { readonly infoHashes: readonly string[]; readonly host?: string },
): Promise<TrackerUrls> {
  const { scope, infoHashes, host = "127.0.0.1" } = options;
  const port = await findFreePort(host);
  const dir = await scope.folder();
  // It gives up root for a user that has to read this.
  await chmod(dir, 0o755);
  await writeFile(join(dir, "whitelist"), infoHashes.map((hash) => `${hash}\n`).join(""));
  const args = [
    "-i",
    host,
    "-p",
    String(port),
    "-P",
    String(port),
    "-d",
    dir,
    "-u",
    "nobody",
    "-w",
    "whitelist",
  ];
  const child = new Child("opentracker", args, { scope });
  const http = `http://${host}:${port}/announce`;
  const isUp = (): Promise<boolean> =>
    fetch(http).then(
      () => true,
      () => false,
    );
  await untilTrue(isUp, `opentracker answers\n${child.tail}`);
  return { pid: child.pid, http, udp: `udp://${host}:${port}/announce` };
}

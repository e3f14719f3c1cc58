import { Child, type ChildOptions, run } from "./child.ts";
import { untilTrue } from "./deadline.ts";
import { findFreePort } from "./free-port.ts";

/**
 * Starts a Redis server that keeps nothing on disk.
 * @param options.cluster Makes it a cluster of one node, which refuses commands across slots.
 * @returns its URL.
 */
export async function startRedis(
  options: ChildOptions & { readonly cluster?: boolean },
): Promise<string> {
  const { scope, cluster = false } = options;
  // A cluster's nodes talk at a port 10,000 above.
  let port = await findFreePort();
  while (cluster && port > 55_000) port = await findFreePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  args.push("--dir", await scope.folder());
  if (cluster) args.push("--cluster-enabled", "yes");
  const child = new Child("redis-server", args, { scope });
  const cli = (...command: string[]): Promise<string> =>
    run("redis-cli", "-p", String(port), ...command);
  const answers = (...command: string[]) =>
    cli(...command).then(
      (text) => text,
      () => "",
    );
  await untilTrue(async () => (await answers("ping")).startsWith("PONG"), `redis\n${child.tail}`);
  if (cluster) {
    await cli("cluster", "addslotsrange", "0", "16383");
    await untilTrue(
      async () => (await answers("cluster", "info")).includes("cluster_state:ok"),
      "the cluster is up",
    );
  }
  return `redis://127.0.0.1:${port}`;
}

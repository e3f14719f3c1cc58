/**
 * Builds the example and serves it on this machine: `npm run example:dapp`, or with `--port N`. Prints its address.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, preview } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));

/** What serves the example. */
export interface ServedExample {
  /** Such as `http://127.0.0.1:4173/`. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param port 0 for a free one. */
export async function serveTipJar(port: number): Promise<ServedExample> {
  const shape = { root, configFile: false, logLevel: "warn" } as const;
  await build({ ...shape, build: { outDir: join(root, "dist"), emptyOutDir: true } });
  const server = await preview({
    ...shape,
    build: { outDir: join(root, "dist") },
    preview: { host: "127.0.0.1", port, strictPort: port !== 0 },
  });
  const [url] = server.resolvedUrls!.local;
  return { url: url!, close: async () => server.close() };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
  const { url } = await serveTipJar(Number(values.port));
  console.log(url);
}

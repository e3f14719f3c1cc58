import { join } from "node:path";
import { type ChainRpc, type EmbeddedChain, openEmbeddedChain, serveChainRpc } from "@shoal/chain";
import type { PrivateFolder, Runtime } from "@shoal/runtime";

/** Where wallets of this machine find the chain that runs; the command line writes the same. */
const ENDPOINT_FILE = "rpc.json";
/** Where geth listens; another one when it is taken. */
const USUAL_PORT = 8545;

/** The embedded chain of the daemon, and where programs of this machine reach it. */
export interface ChainLink {
  readonly chain: EmbeddedChain;
  readonly rpcUrl: string;
  close(): Promise<void>;
}

/**
 * Opens the embedded chain and serves its JSON-RPC on loopback.
 * @param folder Absolute; that of `shoal chain start`.
 * @throws {ChainError} `bad-journal`; {DiskError} `locked` while another program runs it.
 */
export async function openChainLink(init: {
  readonly runtime: Runtime;
  readonly folder: string;
  readonly openPrivateFolder: (path: string) => PrivateFolder;
  readonly pid: number;
}): Promise<ChainLink> {
  const { runtime, folder } = init;
  const chain = await openEmbeddedChain({ ...runtime, folder: join(folder) });
  const files = init.openPrivateFolder(folder);
  let rpc: ChainRpc | null = null;
  try {
    rpc = await serve(runtime, chain);
    const endpoint = { http: rpc.httpUrl, ws: rpc.webSocketUrl, pid: init.pid };
    await files.write(ENDPOINT_FILE, Buffer.from(`${JSON.stringify(endpoint)}\n`));
  } catch (error) {
    await rpc?.close();
    await chain.close();
    throw error;
  }
  const { httpUrl } = rpc;
  return {
    chain,
    rpcUrl: httpUrl,
    async close() {
      await files.remove(ENDPOINT_FILE);
      await rpc.close();
      await chain.close();
    },
  };
}

async function serve({ http }: Runtime, chain: EmbeddedChain): Promise<ChainRpc> {
  try {
    return await serveChainRpc({ http, chain, port: USUAL_PORT });
  } catch (error) {
    if ((error as { code?: unknown }).code !== "address-in-use") throw error;
    return await serveChainRpc({ http, chain, port: 0 });
  }
}

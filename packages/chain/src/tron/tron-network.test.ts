import { randomBytes } from "node:crypto";
import { createNodeRuntime } from "@shoal/runtime/node";
import { KeySigner, parsePrivateKey } from "../accounts/key-signer.ts";
import { testTron, type TronSubject } from "../conformance/tron-conformance.ts";
import { toAddress } from "../network/address.ts";
import { ShimChain } from "../tron-shim/shim-chain.ts";
import { serveShim } from "../tron-shim/serve-shim.ts";
import { tronNetworkOver } from "../testing/tron-subject.ts";
import type { Rpc } from "../rpc/rpc.ts";
import { ChainError } from "../errors.ts";
import { createTronRpc } from "./tron-rpc.ts";

const richKey = "a1".repeat(32);
const friend = new KeySigner(parsePrivateKey("b2".repeat(32))).address;

testTron("the emulation", () => open((rpc) => rpc));

/** As a node of one's own is. */
testTron("the emulation without JSON-RPC", () =>
  open((rpc) => ({
    request(request) {
      const isOther = request.method.startsWith("eth_") && request.method !== "eth_chainId";
      if (isOther) throw new ChainError("unreachable", "HTTP 404");
      return rpc.request(request);
    },
  })),
);

async function open(wrap: (rpc: Rpc) => Rpc): Promise<TronSubject & AsyncDisposable> {
  const runtime = await createNodeRuntime();
  const rich = new KeySigner(parsePrivateKey(richKey));
  const chain = await ShimChain.open({
    clock: runtime.clock,
    random: runtime.random,
    accounts: [rich.address, friend].map((address) => ({ address, balanceSun: 1_000_000_000n })),
  });
  const served = await serveShim(chain, { port: 0, http: runtime.http });
  const rpc = wrap(createTronRpc(runtime.http, served.url));
  const network = tronNetworkOver([{ name: "emulation", rpc }], chain.chainId, runtime.clock);
  return {
    network,
    url: served.url,
    rich,
    richKey,
    friend,
    stranger: () => toAddress(`0x${randomBytes(20).toString("hex")}`),
    store: runtime.store,
    clock: runtime.clock,
    async mine(blocks) {
      await chain.mine(blocks);
    },
    async [Symbol.asyncDispose]() {
      await network.close();
      await served.close();
      await runtime.close();
    },
  };
}

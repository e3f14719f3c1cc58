import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createNodeRuntime } from "@shoal/runtime/node";
import { openEmbeddedChain } from "../embedded/embedded-chain.ts";
import { serveChainRpc } from "../rpc-server/serve-chain-rpc.ts";
import { balanceOf, denominationOf, transferIntent } from "../network/token.ts";
import { Sender } from "../sending/sender.ts";
import { ann, bob } from "../testing/evm-world.ts";
import { KNOWN_EVM_NETWORKS } from "./known-networks.ts";
import { listNetworks, openNetwork } from "./open-network.ts";

suite("networks", () => {
  test("names and chain ids are there once each, and every network has endpoints of its own", () => {
    const names = listNetworks().map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const ids = KNOWN_EVM_NETWORKS.map(({ info }) => info.chainId);
    assert.deepEqual(ids, [199, 1029, 1, 11_155_111, 56, 97]);
    for (const { info, endpoints } of KNOWN_EVM_NETWORKS) {
      assert.ok(endpoints.length > 0, info.name);
      for (const url of endpoints) assert.equal(new URL(url).protocol, "https:", url);
      assert.ok(!info.isPlayMoney || info.btt?.meaning !== "live", info.name);
    }
  });

  test("an unknown name is answered with those that are known", async () => {
    const { http } = await createNodeRuntime();
    await assert.rejects(openNetwork("bitcoin", { http }), { code: "unknown-network" });
    await assert.rejects(openNetwork("evm", { http }), { code: "unreachable" });
  });

  test("the embedded chain is the same in the process and behind HTTP, and has its own BTT", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shoal-networks-"));
    const runtime = await createNodeRuntime();
    const chain = await openEmbeddedChain({ ...runtime, folder });
    const rpc = await serveChainRpc({ http: runtime.http, chain, port: 0 });
    try {
      const { http } = runtime;
      const near = await openNetwork("embedded", {
        http,
        embedded: { request: (request) => chain.request(request) },
      });
      const far = await openNetwork("embedded", { http, rpcUrls: [rpc.httpUrl] });
      assert.deepEqual(near.info, far.info);
      assert.equal(near.info.chainId, chain.chainId);
      assert.ok(near.info.isPlayMoney);
      const { btt } = far.info;
      assert.ok(btt !== null);
      assert.deepEqual(btt.asset, { kind: "token", address: chain.bttAddress });
      assert.equal((await denominationOf(far, btt.asset)).symbol, "BTT");
      assert.equal((await near.requestFaucet(ann.address)).length, 2);
      const sender = await Sender.open(far, runtime.store, runtime.clock);
      const { id } = await sender.send(transferIntent(btt.asset, bob.address, 7n), ann);
      const status = await sender.waitFor(id, { until: "final" });
      assert.ok(status?.receipt.isSuccess);
      assert.equal(await balanceOf(near, btt.asset, bob.address), 7n);
      const known = { BandwidthChannels: bob.address };
      const told = await openNetwork("embedded", {
        http,
        rpcUrls: [rpc.httpUrl],
        contractsOn: () => known,
      });
      assert.deepEqual(told.info.contracts, known);
    } finally {
      await rpc.close();
      await chain.close();
      await runtime.close();
      rmSync(folder, { recursive: true });
    }
  });
});

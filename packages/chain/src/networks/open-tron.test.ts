import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createNodeRuntime } from "@shoal/runtime/node";
import { startTronEmulation } from "../tron-shim/start-emulation.ts";
import { parseTronAddress } from "../tron/address.ts";
import { listTronNetworks, openTron } from "./open-tron.ts";

suite("networks of TRON by name", () => {
  test("main network and test networks need nobody asked, and have an id each", async () => {
    const runtime = await createNodeRuntime();
    const { http } = runtime;
    try {
      const ids = new Set<number>();
      for (const name of ["tron", "tron-nile", "tron-shasta"]) {
        const network = await openTron(name, { http });
        assert.equal(network?.info.name, name);
        assert.equal(network?.info.kind, "tron");
        assert.equal(network?.info.slip44, 195);
        assert.equal(network?.info.isPlayMoney, name !== "tron");
        ids.add(network?.info.chainId ?? 0);
      }
      assert.equal(ids.size, 3);
      assert.equal(await openTron("bttc", { http }), null);
      assert.equal(listTronNetworks().length, 4);
      const own = parseTronAddress("TLa2f6VPqDgRE67v1736s7bJ8Ray5wYjU7");
      const configured = await openTron("tron", { http, contracts: { BTT: own } });
      assert.deepEqual(configured?.info.btt?.asset, { kind: "token", address: own });
      assert.equal(configured?.info.btt?.meaning, "shoal");
    } finally {
      await runtime.close();
    }
  });

  test("an emulation is known by what it says, under its own name and a test network's, not the main network's", async () => {
    const runtime = await createNodeRuntime();
    const { clock, random, http } = runtime;
    const emulation = await startTronEmulation({ clock, random, http, port: 0 });
    try {
      const rpcUrls = [emulation.url];
      for (const name of ["tron-emulation", "tron-nile"]) {
        const network = await openTron(name, { http, clock, rpcUrls });
        assert.equal(network?.info.name, name);
        assert.equal(network?.info.chainId, emulation.chainId);
        assert.match(network?.info.title ?? "", /an EVM, not a TVM; play money/);
        assert.equal(network?.info.can.faucet, true);
        assert.deepEqual(network?.info.btt?.asset, { kind: "token", address: emulation.btt });
        assert.ok(((await network?.head())?.latest.number ?? 0) > 0);
      }
      const main = await openTron("tron", { http, rpcUrls });
      await assert.rejects(main?.head() ?? assert.fail(), { code: "wrong-network" });
    } finally {
      await emulation.close();
    }
    await assert.rejects(openTron("tron-emulation", { http, rpcUrls: [emulation.url] }), {
      code: "unreachable",
      message: /shoal chain start --tron/,
    });
    await runtime.close();
  });
});

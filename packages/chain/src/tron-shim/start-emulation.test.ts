import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createNodeRuntime } from "@shoal/runtime/node";
import { KeySigner, parsePrivateKey } from "../accounts/key-signer.ts";
import { formatTronAddress } from "../tron/address.ts";
import { balanceOf, transferIntent } from "../network/token.ts";
import { tronNetworkAt } from "../testing/tron-subject.ts";
import { createTronRpc } from "../tron/tron-rpc.ts";
import { GIFT_SUN, GIFT_WEI } from "./shim-faucet.ts";
import { startTronEmulation } from "./start-emulation.ts";

suite("an emulation as users start it", () => {
  test("says that it is one, gives TRX and BTT away, and sends them on", async () => {
    const runtime = await createNodeRuntime();
    const { clock, random, http } = runtime;
    const emulation = await startTronEmulation({ clock, random, http, port: 0 });
    try {
      const { url, chainId, btt } = emulation;
      const rpc = createTronRpc(http, url);
      assert.deepEqual(await rpc.request({ method: "shim/info" }), {
        emulation: "tron-emulation: an EVM, not a TVM; play money",
        chainId,
        btt: formatTronAddress(btt),
        blockTimeMs: 3000,
      });
      const network = tronNetworkAt(url, chainId, runtime);
      const asset = { kind: "token", address: btt } as const;
      const ann = new KeySigner(parsePrivateKey("c3".repeat(32)));
      const bob = new KeySigner(parsePrivateKey("d4".repeat(32))).address;
      const [trx, tokens] = await network.requestFaucet(ann.address);
      assert.equal(await network.coinBalance(ann.address), GIFT_SUN);
      assert.equal(await balanceOf(network, asset, ann.address), GIFT_WEI);
      for (const id of [trx, tokens]) {
        assert.equal((await network.status(id ?? assert.fail())).state, "included");
      }
      const energies: bigint[] = [];
      for (let times = 0; times < 2; times++) {
        const intent = transferIntent(asset, bob, 5n);
        const simulated = await network.simulate(intent, ann.address);
        assert.ok(simulated.ok);
        energies.push(simulated.gas);
        const prepared = await network.prepare(intent, { from: ann.address });
        await network.broadcast(await network.sign(prepared, ann));
        const status = await network.status((await network.sign(prepared, ann)).id);
        assert.ok(status.state === "included");
        assert.equal(status.receipt.fee, prepared.expectedFee, "the estimate is what it costs");
      }
      // What the documents say of it.
      assert.deepEqual(energies, [28_090n, 13_090n]);
      assert.equal(await balanceOf(network, asset, bob), 10n);
    } finally {
      await emulation.close();
      await runtime.close();
    }
  });
});

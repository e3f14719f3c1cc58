import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { TronWeb } from "tronweb";
import { createWorkspace } from "./workspace.ts";

suite("shoal chain start --tron", () => {
  test("serves an emulation that says it is one, and that TronWeb takes for a node", async (t) => {
    const shell = createWorkspace(t);
    const running = shell.start(["chain", "start", "--tron", "--port", "0", "--block-time", "1"]);
    const told = await running.waitFor("listening");
    const { http, chainId, btt } = told as unknown as {
      readonly http: string;
      readonly chainId: number;
      readonly btt: string;
    };
    const info = (await (await fetch(`${http}/shim/info`)).json()) as Record<string, unknown>;
    assert.equal(info["emulation"], "tron-emulation: an EVM, not a TVM; play money");
    assert.deepEqual([info["chainId"], info["btt"]], [chainId, btt]);
    const web = new TronWeb({ fullHost: http, privateKey: "e5".repeat(32) });
    const address = web.defaultAddress.base58;
    assert.ok(typeof address === "string");
    await fetch(`${http}/shim/faucet?address=${address}`);
    assert.equal(await web.trx.getUnconfirmedBalance(address), 10_000_000_000);
    const sent = await web.trx.sendTransaction("TLa2f6VPqDgRE67v1736s7bJ8Ray5wYjU7", 1_000_000);
    assert.equal(sent.result, true);
    running.kill("SIGINT");
    const ended = await running.ended;
    assert.equal(ended.exitCode, 130);
    assert.match(ended.stderr, /an EVM, not a TVM; play money/);
  });
});

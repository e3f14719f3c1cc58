import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HttpClient, HttpRequest } from "@shoal/runtime";
import { createTronRpc } from "./tron-rpc.ts";

/** Answers everything with one text, and keeps what was asked. */
function serverOf(text: string, asked: HttpRequest[] = []): HttpClient {
  return {
    async request(request) {
      asked.push(request);
      async function* body() {
        yield Buffer.from(text);
      }
      return { status: 200, headers: {}, url: request.url, body: body() };
    },
    openWebSocket: () => Promise.reject(new Error("not here")),
  };
}

suite("nodes of TRON", () => {
  test("are asked in their own language and in Ethereum's, by the method's name", async () => {
    const asked: HttpRequest[] = [];
    const rpc = createTronRpc(
      serverOf(`{"jsonrpc":"2.0","id":1,"result":"0x1"}`, asked),
      "http://n/",
    );
    await rpc.request({ method: "wallet/getaccount", params: [{ address: "41" }] });
    assert.equal(await rpc.request({ method: "eth_blockNumber" }), "0x1");
    assert.deepEqual(
      asked.map(({ url, method, body }) => [url, method, Buffer.from(body ?? []).toString()]),
      [
        ["http://n/wallet/getaccount", "POST", `{"address":"41"}`],
        [
          "http://n/jsonrpc",
          "POST",
          `{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}`,
        ],
      ],
    );
  });

  test("name their chain by the first block's id, which nodes without JSON-RPC know too", async () => {
    const id = "00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc";
    const rpc = createTronRpc(serverOf(`{"blockID":"${id}"}`), "http://n");
    assert.equal(Number(await rpc.request({ method: "eth_chainId" })), 728_126_428);
    const other = createTronRpc(serverOf("{}"), "http://n");
    await assert.rejects(other.request({ method: "eth_chainId" }), { code: "bad-answer" });
  });

  test("a key goes to TronGrid, and to nobody else", async () => {
    for (const [url, isSent] of [
      ["https://api.trongrid.io", true],
      ["https://nile.trongrid.io", true],
      ["https://trongrid.io.example.org", false],
      ["https://eviltrongrid.io", false],
      ["http://127.0.0.1:9090", false],
    ] as const) {
      const asked: HttpRequest[] = [];
      const rpc = createTronRpc(serverOf("{}", asked), url, { apiKey: "secret" });
      await rpc.request({ method: "wallet/getnowblock" });
      const sent = asked[0]?.headers?.["TRON-PRO-API-KEY"];
      assert.equal(sent, isSent ? "secret" : undefined, url);
    }
  });

  test("amounts come with all their digits", async () => {
    const rpc = createTronRpc(serverOf(`{"balance":90071992547409931,"small":5}`), "http://n");
    assert.deepEqual(await rpc.request({ method: "wallet/getaccount" }), {
      balance: 90_071_992_547_409_931n,
      small: 5,
    });
  });

  test("say what is wrong in words, which are passed on; load lets another be asked", async () => {
    const ask = async (text: string) =>
      createTronRpc(serverOf(text), "http://n").request({ method: "wallet/getaccount" });
    await assert.rejects(ask(`{"Error":"class x : bad hex"}`), { code: -32602 });
    await assert.rejects(ask(`{"Error":"request rate exceeded the allowed_rps(25)"}`), {
      code: -32005,
    });
    await assert.rejects(ask("[1"), { code: "unreachable" });
    await assert.rejects(ask("7"), { code: "bad-answer" });
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HttpServerResponse } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { ChainError } from "../errors.ts";
import { createHttpRpc, nameOfUrl } from "./http-rpc.ts";

const SECRET = "0123456789abcdef-key";

/** Asks a node that answers with this. */
async function ask(body: string | Uint8Array, status = 200): Promise<unknown> {
  const runtime = await createNodeRuntime();
  const response: HttpServerResponse = { status, body: Buffer.from(body as string) };
  const server = await runtime.http.serve(
    { host: "127.0.0.1", port: 0, maxBodyBytes: 4096 },
    () => response,
  );
  try {
    const url = `http://user:${SECRET}@127.0.0.1:${server.local.port}/v2/${SECRET}`;
    return await createHttpRpc(runtime.http, url).request({ method: "eth_chainId" });
  } finally {
    await server.close();
    await runtime.close();
  }
}

suite("JSON-RPC over HTTP", () => {
  test("gives the result of an answer, also when it is null", async () => {
    assert.equal(await ask('{"jsonrpc":"2.0","id":1,"result":"0x1"}'), "0x1");
    assert.equal(await ask('{"jsonrpc":"2.0","id":1,"result":null}'), null);
  });

  test("an error keeps its code and data", async () => {
    const answer =
      '{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"execution reverted","data":"0x08c3"}}';
    await assert.rejects(ask(answer), { name: "RpcError", code: 3, data: "0x08c3" });
  });

  test("what is no JSON, or answers another question, is no answer", async () => {
    await assert.rejects(ask("<html>429</html>", 429), { code: "unreachable" });
    for (const body of ["{}", "[]", "null", '{"jsonrpc":"2.0","id":2,"result":"0x1"}'])
      await assert.rejects(ask(body), { code: "bad-answer" }, body);
  });

  test("limit: an endpoint's answer", async () => {
    await assert.rejects(ask(new Uint8Array(33 * 2 ** 20).fill(32)), { code: "bad-answer" });
  });

  test("the key that an address holds stands in no message", async () => {
    const runtime = await createNodeRuntime();
    try {
      for (const url of [
        `http://127.0.0.1:9/v3/${SECRET}`,
        `https://user:${SECRET}@127.0.0.1:9/`,
      ]) {
        const rpc = createHttpRpc(runtime.http, url);
        await assert.rejects(rpc.request({ method: "eth_chainId" }), (error: ChainError) => {
          assert.equal(error.code, "unreachable");
          assert.ok(!`${error.stack}${String(error.cause)}`.includes(SECRET));
          return true;
        });
      }
      assert.equal(nameOfUrl(`https://node.example/v3/${SECRET}`), "node.example");
      assert.throws(
        () => nameOfUrl(`ftp://node.example/${SECRET}`),
        (error: ChainError) => {
          return error.code === "unreachable" && !error.message.includes(SECRET);
        },
      );
    } finally {
      await runtime.close();
    }
  });
});

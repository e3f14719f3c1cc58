import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { answerEnvelope, type Execute, MAX_BATCH } from "./envelope.ts";
import { RpcError } from "./rpc-error.ts";

const echo: Execute = async (method, args, dialect) => {
  if (method === "fail")
    throw new RpcError("path-not-absolute", "new location path is not absolute");
  if (method === "break") throw new Error("a secret of the machine");
  return { method, dialect, ...args };
};

type Row = Readonly<Record<string, unknown>>;

/** What is answered, as far as tests look into it. */
interface Answered {
  readonly result: unknown;
  readonly arguments: Row;
  readonly error: { readonly code: number };
  readonly id: unknown;
}

async function ask(message: unknown, execute = echo): Promise<Answered> {
  const text = typeof message === "string" ? message : JSON.stringify(message);
  return (await answerEnvelope(Buffer.from(text), execute)) as Answered;
}

suite("Transmission's envelopes", () => {
  test("the old envelope brings arguments, and takes its tag back", async () => {
    assert.deepEqual(await ask({ method: "torrent-get", arguments: { ids: [1] }, tag: 7 }), {
      arguments: { method: "torrent-get", dialect: "legacy", ids: [1] },
      result: "success",
      tag: 7,
    });
  });

  test("the old envelope tells a failure in its result", async () => {
    const answer = await ask({ method: "fail", tag: 1 });
    assert.deepEqual(answer, {
      arguments: {},
      result: "new location path is not absolute",
      tag: 1,
    });
    assert.equal((await ask({})).result, "no method name");
  });

  test("names in snake case are answered in snake case, whatever the envelope", async () => {
    assert.equal((await ask({ method: "torrent_get" })).arguments["dialect"], "snake");
  });

  test("JSON-RPC 2.0: a call is answered with its id", async () => {
    assert.deepEqual(await ask({ jsonrpc: "2.0", method: "torrent_get", id: "a" }), {
      jsonrpc: "2.0",
      result: { method: "torrent_get", dialect: "snake" },
      id: "a",
    });
  });

  test("JSON-RPC 2.0: a failure has Transmission's number and its words", async () => {
    assert.deepEqual(await ask({ jsonrpc: "2.0", method: "fail", id: 1 }), {
      jsonrpc: "2.0",
      error: {
        code: 3,
        message: "path is not absolute",
        data: { error_string: "new location path is not absolute" },
      },
      id: 1,
    });
  });

  test("JSON-RPC 2.0: a notification is carried out and not answered", async () => {
    let calls = 0;
    const execute: Execute = async () => {
      calls += 1;
      return {};
    };
    assert.equal(await ask({ jsonrpc: "2.0", method: "torrent_stop" }, execute), null);
    assert.equal(calls, 1);
  });

  test("JSON-RPC 2.0: a batch is answered call by call, in order", async () => {
    const batch = [
      { jsonrpc: "2.0", method: "torrent_get", id: 1 },
      { jsonrpc: "2.0", method: "torrent_stop" },
      17,
      { jsonrpc: "2.0", method: "fail", id: 2 },
    ];
    const answers = (await ask(batch)) as unknown as readonly Partial<Answered>[];
    assert.deepEqual(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        [1, undefined],
        [null, -32600],
        [2, 3],
      ],
    );
  });

  test("JSON-RPC 2.0: what is no call has the numbers of the specification", async () => {
    const codes = async (message: unknown) => (await ask(message)).error.code;
    assert.equal(await codes("{"), -32700);
    assert.equal(await codes("[]"), -32600);
    assert.equal(await codes("null"), -32600);
    assert.equal(await codes({ jsonrpc: "1.0", method: "x", id: 1 }), -32600);
    assert.equal(await codes({ jsonrpc: "2.0", id: 1 }), -32600);
    assert.equal(await codes({ jsonrpc: "2.0", method: "x", id: {} }), -32600);
    assert.equal(await codes({ jsonrpc: "2.0", method: "x", params: [1], id: 1 }), -32602);
  });

  test("a batch is bounded", async () => {
    const batch = Array.from({ length: MAX_BATCH + 1 }, () => ({ jsonrpc: "2.0", method: "x" }));
    assert.equal((await ask(batch)).error.code, -32600);
  });

  test("a failure inside is told without its words", async () => {
    const answer = await ask({ jsonrpc: "2.0", method: "break", id: 1 });
    assert.equal(answer.error.code, -32603);
    assert.ok(!JSON.stringify(answer).includes("secret"));
  });

  test("what is nested a hundred thousand deep is refused, and no stack is lost", async () => {
    const deep = `{"method":"x","arguments":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    const answer = await ask(deep);
    assert.notEqual(answer.result ?? answer.error, "success");
  });

  test("bytes that are no UTF-8 are no JSON", async () => {
    const answer = await answerEnvelope(Buffer.from([0x22, 0xff, 0x22]), echo);
    assert.equal((answer as Answered).error.code, -32700);
  });
});

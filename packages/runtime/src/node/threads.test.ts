import assert from "node:assert/strict";
import { EventEmitter, on } from "node:events";
import { test } from "node:test";
import type { Thread } from "../ports/threads.ts";
import { createThreads } from "./threads.ts";

const moduleOf = (body: string) =>
  new URL(`data:text/javascript,${encodeURIComponent(`export async function main(it) {${body}}`)}`);

/** The values that a thread posts, one after the other. */
function valuesOf(thread: Thread): () => Promise<unknown> {
  const heard = new EventEmitter();
  const values = on(heard, "value");
  thread.receive((value) => heard.emit("value", value));
  return async () => ((await values.next()).value as unknown[])[0];
}

test("a thread has its data, a world and a line, and ends when its work is done", async () => {
  const logged: string[] = [];
  const thread = createThreads({ writeLog: (line) => logged.push(line) }).start(
    moduleOf(`
      it.runtime.log.info("begins", {});
      it.line.post(new Map([["data", it.data]]));
      const value = await new Promise((resolve) => it.line.receive(resolve));
      it.line.post(typeof it.runtime.clock.nowMs() + value.byteLength);
    `),
    { answer: 42 },
  );
  const next = valuesOf(thread);
  thread.post(new Uint8Array(7));
  assert.deepEqual(await next(), new Map([["data", { answer: 42 }]]));
  assert.equal(await next(), "number7");
  assert.equal(await thread.whenEnded, null);
  assert.match(logged.join(""), /begins/);
});

test("a thread that throws says what it died of", async () => {
  const thread = createThreads().start(moduleOf(`throw new RangeError("no such thing");`), null);
  assert.match((await thread.whenEnded)!.message, /no such thing/);
});

test("a thread is killed without warning, and what it is told then is dropped", async () => {
  const thread = createThreads().start(
    moduleOf(`it.line.post(1); await new Promise(() => {});`),
    0,
  );
  assert.equal(await valuesOf(thread)(), 1);
  await thread.kill();
  assert.ok((await thread.whenEnded) instanceof Error);
  thread.post("unheard");
});

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { unlessAborted } from "./unless-aborted.ts";

test("a promise is waited for, and its failure passed on, while the signal is silent", async () => {
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve(7), signal), 7);
  await assert.rejects(unlessAborted(Promise.reject(new Error("no")), signal), { message: "no" });
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("a signal ends the wait with its reason as it is, and what comes later is dropped", async () => {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const waiting = unlessAborted(promise, controller.signal);
  controller.abort("enough");
  await assert.rejects(waiting, (reason) => reason === "enough");
  reject(new Error("nobody hears this"));
  await assert.rejects(
    unlessAborted(Promise.resolve(7), controller.signal),
    (reason) => reason === "enough",
  );
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventHub } from "./event-hub.ts";

function createHub<Event>(): EventHub<Event> {
  return new EventHub((error) => {
    throw error;
  });
}

describe("the hub of events", () => {
  it("tells every listener, in order, until it is removed", () => {
    const hub = createHub<number>();
    const heard: string[] = [];
    const remove = hub.on((event) => heard.push(`a${event}`));
    hub.on((event) => heard.push(`b${event}`));
    hub.emit(1);
    remove();
    remove();
    hub.emit(2);
    assert.deepEqual(heard, ["a1", "b1", "b2"]);
  });

  it("a listener that throws keeps the event from nobody else, and is reported", () => {
    const reported: unknown[] = [];
    const hub = new EventHub<number>((error) => reported.push(error));
    const heard: number[] = [];
    const failure = new Error("the listener's own");
    hub.on(() => {
      throw failure;
    });
    hub.on((event) => heard.push(event));
    hub.emit(1);
    assert.deepEqual([heard, reported], [[1], [failure]]);
  });

  it("iterations give the events from their beginning on, and end when the hub is closed", async () => {
    const hub = createHub<number>();
    hub.emit(1);
    const events = hub.iterate();
    hub.emit(2);
    const heard: number[] = [];
    const reading = (async () => {
      for await (const event of events) heard.push(event);
    })();
    await Promise.resolve();
    hub.emit(3);
    hub.close();
    await reading;
    assert.deepEqual(heard, [2, 3]);
    assert.deepEqual(await hub.iterate().next(), { done: true, value: undefined });
  });

  it("an aborted signal ends an iteration", async () => {
    const hub = createHub<number>();
    const controller = new AbortController();
    const next = hub.iterate(controller.signal).next();
    controller.abort();
    assert.deepEqual(await next, { done: true, value: undefined });
    assert.equal((await hub.iterate(controller.signal).next()).done, true);
  });

  it("asked for several at once, an iteration answers each", async () => {
    const hub = createHub<number>();
    const events = hub.iterate();
    const waiting = [events.next(), events.next(), events.next()];
    hub.emit(1);
    hub.emit(2);
    hub.close();
    assert.deepEqual(
      (await Promise.all(waiting)).map((result) => (result.done === true ? null : result.value)),
      [1, 2, null],
    );
  });

  it("a reader that does not keep up loses the oldest beyond 10,000", async () => {
    const hub = createHub<number>();
    const events = hub.iterate();
    for (let i = 0; i < 10_005; i++) hub.emit(i);
    assert.equal((await events.next()).value, 5);
  });

  it("leaving a loop early leaves no listener behind", async () => {
    const hub = createHub<{ readonly big: Uint8Array }>();
    for (let i = 0; i < 20; i++) {
      const events = hub.iterate();
      hub.emit({ big: new Uint8Array(1) });
      for await (const _event of events) break;
      assert.equal((await events.next()).done, true);
    }
  });

  it("an iteration that was aborted listens to its signal no more", () => {
    const hub = createHub<number>();
    let listening = 0;
    const signal = {
      aborted: false,
      addEventListener: () => void listening++,
      removeEventListener: () => void listening--,
    } as unknown as AbortSignal;
    const iterations = [hub.iterate(signal), hub.iterate(signal)];
    assert.equal(listening, 2);
    void iterations[0]!.return?.();
    hub.close();
    assert.equal(listening, 0);
  });

  it("until resolves at once, or after the event that makes it so", async () => {
    const hub = createHub<number>();
    await hub.until(() => true);
    let sum = 0;
    hub.on((event) => (sum += event));
    const reached = hub.until(() => sum >= 3);
    hub.emit(1);
    hub.emit(2);
    await reached;
    assert.equal(sum, 3);
  });

  it("until throws its signal's reason, and looks once more when the hub is closed", async () => {
    const hub = createHub<number>();
    const reason = new Error("enough");
    const controller = new AbortController();
    const waiting = hub.until(() => false, controller.signal);
    controller.abort(reason);
    await assert.rejects(waiting, reason);
    await assert.rejects(
      hub.until(() => true, controller.signal),
      reason,
    );
    const closing = hub.until(() => false);
    hub.close();
    await closing;
  });
});

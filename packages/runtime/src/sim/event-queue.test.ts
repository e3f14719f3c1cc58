import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventQueue, SimEvent } from "./event-queue.ts";

class Named extends SimEvent {
  readonly name: number;
  constructor(name: number) {
    super();
    this.name = name;
  }
  override fire(): boolean {
    return false;
  }
}

test("events leave by time, those of one moment in the order of scheduling", () => {
  const operation = fc.tuple(fc.constantFrom("schedule", "remove", "pop"), fc.nat(15), fc.nat(8));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const queue = new EventQueue();
      const events = Array.from({ length: 16 }, (_, name) => new Named(name));
      let model: { name: number; timeMs: number }[] = [];
      for (const [kind, name, timeMs] of operations) {
        const event = events[name] as Named;
        if (kind === "pop") {
          model.sort((a, b) => a.timeMs - b.timeMs);
          assert.equal((queue.pop() as Named | undefined)?.name, model.shift()?.name);
          continue;
        }
        model = model.filter((entry) => entry.name !== name);
        if (kind === "schedule") {
          queue.schedule(event, timeMs);
          model.push({ name, timeMs });
        } else queue.remove(event);
        assert.equal(queue.length, model.length);
      }
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Place, WaitingLine } from "./waiting-line.ts";

test("a waiting line serves who is left in the order in which they came, as an array would", () => {
  const step = fc.oneof(
    fc.constant("join" as const),
    fc.constant("take" as const),
    fc.record({ leave: fc.nat({ max: 30 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const line = new WaitingLine<number>();
      const places: Place<number>[] = [];
      const model: number[] = [];
      for (const each of steps) {
        if (each === "join") {
          model.push(places.length);
          places.push(line.join(places.length));
        } else if (each === "take") assert.equal(line.take(), model.shift() ?? null);
        else if (places.length > 0) {
          // Also places that were taken or given up before.
          const { leave } = { leave: each.leave % places.length };
          line.leave(places[leave]!);
          if (model.includes(leave)) model.splice(model.indexOf(leave), 1);
        }
        assert.equal(line.isEmpty, model.length === 0);
      }
    }),
  );
});

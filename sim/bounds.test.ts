import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fluidBoundS, pieceBoundS } from "./bounds.ts";
import { drawPlot } from "./svg-plot.ts";

const shape = {
  lengthBytes: 1_000_000,
  pieces: 10,
  peers: 100,
  seederUp: 100_000,
  peerUp: 50_000,
  peerDown: 200_000,
};

suite("bounds", () => {
  test("the fluid bound is the slowest of seeder, receiver and all lines together", () => {
    assert.equal(fluidBoundS(shape), (100 * 1e6) / (100_000 + 100 * 50_000));
    assert.equal(fluidBoundS({ ...shape, seederUp: 10_000 }), 100);
    assert.equal(fluidBoundS({ ...shape, peerDown: 20_000 }), 50);
  });

  test("in whole pieces the last one doubles its way through the crowd", () => {
    assert.equal(pieceBoundS(shape), (10 * (10 + 6)) / 10);
    assert.equal(pieceBoundS({ ...shape, peers: 1 }), 10);
  });

  test("a plot is the same for the same curves, and escapes its words", () => {
    const plot = {
      title: "a < b & c",
      x: { label: "x", most: 10 },
      y: { label: "y", most: 10 },
      curves: [{ label: "one", colour: "#123", points: [[0, 0] as const, [10, 10] as const] }],
    };
    assert.equal(drawPlot(plot), drawPlot(plot));
    assert.match(drawPlot(plot), /a &lt; b &amp; c/);
    assert.match(drawPlot(plot), /points="60,350 700,30"/);
  });
});

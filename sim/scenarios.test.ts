import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { runScenario } from "./run-scenario.ts";
import { anything } from "./scenarios/anything.ts";
import { freeRiders } from "./scenarios/free-riders.ts";
import { SCENARIOS } from "./scenarios.ts";

suite("scenarios", () => {
  for (const scenario of SCENARIOS) {
    test(`${scenario.name}: ${scenario.promise}`, async () => {
      await runScenario(scenario, { seed: 1, peers: scenario.peers.small });
    });
  }

  for (const seed of [2, 3]) {
    test(`${freeRiders.name}: the same with the seed ${seed}`, async () => {
      await runScenario(freeRiders, { seed, peers: freeRiders.peers.small });
    });
  }

  for (const seed of [5, 6]) {
    test(`${anything.name}: the same with the seed ${seed}`, async () => {
      await runScenario(anything, { seed, peers: anything.peers.small });
    });
  }

  test("the same seed gives the same figures", async () => {
    const [scenario] = SCENARIOS;
    const runs = [];
    for (let run = 0; run < 2; run++)
      runs.push(await runScenario(scenario!, { seed: 5, peers: 8 }));
    assert.deepEqual(runs[0], runs[1]);
  });
});

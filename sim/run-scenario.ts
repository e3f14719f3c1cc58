import { withWorld } from "@shoal/runtime/sim";
import { Crowd } from "./crowd.ts";
import type { Figures, Scenario } from "./scenario.ts";

const QUANTUM_MS = 100;

/** Plays a scenario in a world of its own. What fails is thrown with the seed in its message. */
export async function runScenario(
  { crowd: init, quantumMs = QUANTUM_MS, play }: Scenario,
  { seed, peers }: { seed: number | string; peers: number },
): Promise<Figures> {
  return await withWorld({ quantumMs, seed }, async (world) => {
    const crowd = await Crowd.open(world, init);
    const figures = await play(crowd, peers);
    await crowd.close();
    const { events, connections, bytesDelivered } = world.counters;
    return { ...figures, virtualS: world.timeMs / 1000, events, connections, bytesDelivered };
  });
}

import { withWorld } from "@shoal/runtime/sim";
import type { Figures, Scenario } from "./scenario.ts";

/** Plays a scenario in a world of its own. What fails is thrown with the seed in its message. */
export async function runScenario(
  scenario: Scenario,
  options: { seed: number | string; peers: number },
): Promise<Figures> {
  return await withWorld({ ...scenario.world, seed: options.seed }, async (world) => {
    const figures = await scenario.play(world, options.peers);
    const { events, connections, bytesDelivered } = world.counters;
    return { ...figures, virtualS: world.timeMs / 1000, events, connections, bytesDelivered };
  });
}

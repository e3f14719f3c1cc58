import { createWorld } from "./world.ts";
import type { SimWorld, WorldOptions } from "./world.ts";

/**
 * Runs a test in a world of its own. What goes wrong is thrown on with the seed in its message;
 * `SHOAL_SEED` in the environment replaces the seed to try others, or to see a failure again.
 */
export async function withWorld<T>(
  options: Partial<WorldOptions>,
  test: (world: SimWorld) => Promise<T>,
): Promise<T> {
  const seed = process.env["SHOAL_SEED"] ?? options.seed ?? 1;
  const world = createWorld({ ...options, seed });
  try {
    return await test(world);
  } catch (error) {
    if (error instanceof Error) {
      error.message += `\n(simulated world: SHOAL_SEED=${seed}, ${world.timeMs} ms of virtual time)`;
    }
    throw error;
  }
}

import type { TestContext } from "node:test";
import { type ForeignClient, installClients } from "../bench/clients/packages.ts";
import { Scope } from "../bench/clients/scope.ts";

/** A single run of a test must not hang continuous integration. */
export const TEST_TIMEOUT_MS = 60_000;

/**
 * Options for a suite that needs these clients: it is skipped where they cannot be had.
 * @throws {Error} instead, in continuous integration: a judge that is missing is a failure.
 */
export async function needClients(
  ...clients: ForeignClient[]
): Promise<{ timeout: number; skip: string | false }> {
  const missing = await installClients(...clients);
  if (missing !== null && process.env["CI"]) throw new Error(missing);
  return { timeout: 10 * TEST_TIMEOUT_MS, skip: missing ?? false };
}

/** A scope that is closed when the test ends. */
export function openScope(t: TestContext): Scope {
  const scope = new Scope();
  t.after(() => scope.close());
  return scope;
}

import { OPERATION_IDS, OPERATIONS } from "@shoal/api";
import { NodeError } from "../errors.ts";
import type { Handlers } from "./handlers.ts";

/** Handlers of all operations: those that no part carries out are answered `unavailable`. */
export function completeHandlers(parts: readonly Partial<Handlers>[]): Handlers {
  const known = parts.reduce<Partial<Handlers>>((all, part) => ({ ...all, ...part }), {});
  const missing = OPERATION_IDS.filter((id) => known[id] === undefined).map((id) => [
    id,
    () => {
      const { method, path } = OPERATIONS[id];
      throw new NodeError("unavailable", `${method} ${path} is not there in this version.`);
    },
  ]);
  return { ...(Object.fromEntries(missing) as Partial<Handlers>), ...known } as Handlers;
}

import { OPERATIONS, type OperationId, type Scope } from "@shoal/api";
import type { Caller } from "../access/caller.ts";
import { NodeError } from "../errors.ts";

/** @throws {NodeError} `unauthorized` when nobody knows who asks, `forbidden` when its scopes do not reach. */
export function assertAllowed(id: OperationId, caller: Caller): void {
  const { scope } = OPERATIONS[id];
  if (scope !== "public") assertScope(scope, caller);
}

/** @throws {NodeError} as {@link assertAllowed}. */
export function assertScope(scope: Scope, caller: Caller): void {
  if (caller.scopes.has(scope)) return;
  if (caller.kind === "nobody") {
    throw new NodeError(
      "unauthorized",
      "Sign in, or send an API key (authorization: Bearer ...).",
      {
        reason: "not-signed-in",
      },
    );
  }
  throw new NodeError(
    "forbidden",
    `This needs the scope ${scope}, which this caller does not have.`,
    { reason: "lacks-scope", values: { scope } },
  );
}

import { KRPC_ERROR, type KrpcRequest } from "@shoal/protocol";
import type { DhtNode } from "../node/dht-node.ts";
import type { Responder } from "./lookup.ts";

/** How storing went. */
export interface StoreOutcome {
  /** Nodes that took it. */
  stored: number;
  /** Nodes that know a newer version (BEP 44). */
  conflicts: number;
}

/**
 * Stores something at nodes that a look-up found, with the token that each gave.
 * @param build The request for one of them; it goes out only by the node that got the tokens (BEP 45).
 */
export async function storeAt(
  node: DhtNode,
  responders: readonly Responder[],
  build: (token: Uint8Array, responder: Responder) => KrpcRequest,
): Promise<StoreOutcome> {
  const outcome: StoreOutcome = { stored: 0, conflicts: 0 };
  const store = (responder: Responder): Promise<void> =>
    new Promise((resolve) => {
      if (responder.token === null) return resolve();
      node.query(responder, build(responder.token, responder), {
        done(answer) {
          if (answer.kind === "response") outcome.stored++;
          else if (answer.kind === "error" && isConflict(answer.errorCode)) outcome.conflicts++;
          resolve();
        },
      });
    });
  await Promise.all(responders.map(store));
  return outcome;
}

function isConflict(errorCode: number): boolean {
  return errorCode === KRPC_ERROR.casMismatch || errorCode === KRPC_ERROR.seqTooLow;
}

import type { KrpcRequest, KrpcResponse } from "@shoal/protocol";
import { NODE_ID_BITS, sharedPrefixBits } from "../node-id/node-id.ts";
import type { QueryHandlers } from "../rpc/transactions.ts";
import type { NodeInfo } from "../routing/contact.ts";
import { K } from "../routing/routing-table.ts";
import { type Candidate, Shortlist } from "./shortlist.ts";

/** Queries under way at once; slow ones do not count. */
const ALPHA = 4;
/** Queries of one look-up: hostile nodes can tell of ever nearer ones without end. */
const MAX_QUERIES = 160;
/** Of these, to nodes whose ID does not belong to their address (BEP 42). */
const MAX_INSECURE_QUERIES = 40;

/** What a look-up needs of the node that runs it. */
export interface LookupNode {
  readonly id: Uint8Array;
  query(to: NodeInfo, request: KrpcRequest, handlers: QueryHandlers): void;
  closest(target: Uint8Array, count: number): readonly NodeInfo[];
  /** The nodes of its family in an answer. */
  nodesOf(response: KrpcResponse): readonly NodeInfo[];
}

/** A node that answered. */
export interface Responder extends NodeInfo {
  /** For storing there; null when it gave none. */
  readonly token: Uint8Array | null;
  readonly isSecure: boolean;
}

export interface LookupResult {
  /**
   * Where to store: the 8 closest nodes whose IDs belong to their addresses, and those closer ones
   * whose IDs do not, 8 at most (BEP 42). Closest first.
   */
  readonly closest: readonly Responder[];
  readonly queries: number;
  readonly answers: number;
  /** Steps from our own table to the closest node: 1 when the table knew it. */
  readonly hops: number;
}

export interface LookupOptions {
  readonly target: Uint8Array;
  readonly request: KrpcRequest;
  /** Nodes to start from besides those of the table. */
  readonly start?: readonly NodeInfo[];
  /** Told of every answer as it comes. Returning true ends the look-up: what was sought is found. */
  readonly onAnswer?: (response: KrpcResponse, from: NodeInfo) => boolean | void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the nodes closest to a target: asks the closest ones known for closer ones, four at a time,
 * until the closest have all answered. One that takes longer than others do is passed over, and still
 * welcome when it answers before the end.
 * @throws the signal's reason when it fires.
 * @see BEP 5, 42
 */
export function lookUp(node: LookupNode, options: LookupOptions): Promise<LookupResult> {
  const { promise, resolve, reject } = Promise.withResolvers<LookupResult>();
  const { target, request, signal, onAnswer } = options;
  const shortlist = new Shortlist(target);
  let underWay = 0;
  let queries = 0;
  let insecureQueries = 0;
  let answers = 0;
  let isOver = false;

  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    signal?.removeEventListener("abort", abort);
    const closest = shortlist.answered(K);
    const hops = closest[0]?.hop ?? 0;
    resolve({ closest, queries, answers, hops });
  };
  const abort = (): void => {
    isOver = true;
    reject(signal?.reason);
  };

  const add = (found: readonly NodeInfo[], hop: number): void => {
    for (const info of found) {
      if (sharedPrefixBits(info.id, node.id) !== NODE_ID_BITS) shortlist.add(info, hop);
    }
  };

  const ask = (candidate: Candidate): void => {
    queries++;
    if (!candidate.isSecure) insecureQueries++;
    underWay++;
    candidate.state = "asked";
    node.query(candidate, request, {
      slow() {
        underWay--;
        candidate.state = "slow";
        advance();
      },
      done(outcome) {
        if (candidate.state === "asked") underWay--;
        if (outcome.kind === "response") {
          candidate.state = "answered";
          candidate.token = outcome.answer.token?.slice() ?? null;
          answers++;
          if (isOver) return;
          const isFound = onAnswer?.(outcome, candidate) === true;
          if (isOver) return;
          if (isFound) return finish();
          add(node.nodesOf(outcome), candidate.hop + 1);
        } else {
          candidate.state = "failed";
        }
        advance();
      },
    });
  };

  /** Asks on, or ends when nobody is left to ask and to wait for. */
  const advance = (): void => {
    while (!isOver && underWay < ALPHA && queries < MAX_QUERIES) {
      const next = shortlist.next(K, insecureQueries < MAX_INSECURE_QUERIES);
      if (next === null) break;
      ask(next);
    }
    if (!isOver && underWay === 0) finish();
  };

  if (signal?.aborted === true) abort();
  else {
    signal?.addEventListener("abort", abort, { once: true });
    add(options.start ?? [], 1);
    add(node.closest(target, 2 * K), 1);
    advance();
  }
  return promise;
}

import { NODE_ID_LENGTH_BYTES, toHex } from "@shoal/protocol";
import { type Clock, pause, type Random } from "@shoal/runtime";
import type { DhtNode } from "../node/dht-node.ts";
import { placeOf } from "../routing/contact.ts";
import { lookUp } from "./lookup.ts";

/** Infohashes and nodes remembered, so that none is told, or asked, twice; the oldest are forgotten. */
const MAX_REMEMBERED = 20_000;
/** Between two look-ups: whoever samples has time, and the nodes have other things to do. */
const PAUSE_MS = 1000;

/**
 * Walks through the network and tells what is announced there: look-ups for random targets, each node
 * asked again only after the interval that it named.
 * @param onInfoHash Called once for each infohash.
 * @throws the signal's reason when it fires: there is no other end.
 * @see BEP 51
 */
export async function sampleInfoHashes(
  node: DhtNode,
  options: {
    readonly clock: Clock;
    readonly random: Random;
    readonly signal: AbortSignal;
    readonly onInfoHash: (infoHash: Uint8Array) => void;
  },
): Promise<never> {
  const { clock, random, signal, onInfoHash } = options;
  const known = new Map<string, true>();
  const askAgainMs = new Map<string, number>();
  for (;;) {
    const target = random.bytes(NODE_ID_LENGTH_BYTES);
    await lookUp(politely(node, askAgainMs, clock), {
      target,
      request: { method: "sample_infohashes", target, want: node.want },
      signal,
      onAnswer({ answer }, from) {
        const { samples, sampleIntervalS } = answer;
        if (sampleIntervalS !== null) {
          const againMs = clock.monotonicMs() + sampleIntervalS * 1000;
          remember(askAgainMs, placeOf(from), againMs);
        }
        for (const infoHash of samples ?? []) {
          const key = toHex(infoHash);
          if (known.has(key)) continue;
          remember(known, key, true);
          onInfoHash(infoHash.slice());
        }
      },
    });
    await pause(clock, PAUSE_MS, signal);
  }
}

/** Nodes that were asked too short a time ago are asked for nodes alone. */
function politely(node: DhtNode, askAgainMs: ReadonlyMap<string, number>, clock: Clock) {
  return {
    id: node.id,
    closest: node.closest.bind(node),
    nodesOf: node.nodesOf.bind(node),
    query: ((to, request, handlers) => {
      const mayAsk = (askAgainMs.get(placeOf(to)) ?? -Infinity) <= clock.monotonicMs();
      const { target } = request as { target: Uint8Array };
      node.query(to, mayAsk ? request : { method: "find_node", target, want: node.want }, handlers);
    }) satisfies DhtNode["query"],
  };
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_REMEMBERED) break;
    map.delete(oldest);
  }
}

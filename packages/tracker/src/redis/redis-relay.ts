import { toHex } from "@shoal/protocol";
import type { Random } from "@shoal/runtime";
import { EVERY_NODE, NODE_ID_BYTES, type WebPeerRelay } from "../server/web-peer-relay.ts";
import type { RedisLink } from "./redis-link.ts";

const PEER_ID_BYTES = 20;

/** Carries messages between the nodes of a tracker through Redis: each listens to a channel of its own, and to one of all. */
export async function createRedisRelay(options: {
  /** Stays open: the state closes it. */
  readonly link: RedisLink;
  readonly random: Random;
  readonly prefix?: string;
}): Promise<WebPeerRelay> {
  const { link, random, prefix = "shoal" } = options;
  const nodeId = random.bytes(NODE_ID_BYTES);
  const channelOf = (id: Uint8Array): string => `${prefix}:node:${toHex(id)}`;
  let deliver = (_peerId: Uint8Array, _text: string): void => {};
  const onMessage = (message: Buffer): void => {
    if (message.length > PEER_ID_BYTES) {
      deliver(message.subarray(0, PEER_ID_BYTES), message.toString("utf8", PEER_ID_BYTES));
    }
  };
  await link.subscribe(channelOf(nodeId), onMessage);
  await link.subscribe(channelOf(EVERY_NODE), onMessage);
  return {
    nodeId,
    onMessage(taker) {
      deliver = taker;
    },
    send(to, peerId, text) {
      // A message that is lost is an offer without an answer, as there are many.
      link.publish(channelOf(to), Buffer.concat([peerId, Buffer.from(text)])).catch(() => {});
    },
    close: () => Promise.resolve(),
  };
}

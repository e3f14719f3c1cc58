import type { BroadcastChannel } from "node:worker_threads";
import type { ReplicaChannel } from "@shoal/tracker";

/** A channel between the threads of this process, each of which hears what all others post. */
export function createReplicaChannel(channel: BroadcastChannel): ReplicaChannel {
  channel.unref();
  return {
    post: (batch) => channel.postMessage(batch),
    onBatch(take) {
      channel.addEventListener("message", (event) =>
        take((event as Event & { data: Uint8Array }).data),
      );
    },
    close: () => channel.close(),
  };
}

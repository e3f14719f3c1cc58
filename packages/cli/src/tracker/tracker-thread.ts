// The entry of a thread that answers UDP announces beside the main thread.
import { BroadcastChannel, parentPort, workerData } from "node:worker_threads";
import { createNodeRuntime } from "@shoal/runtime/node";
import {
  createMemorySwarmState,
  createReplicatedSwarmState,
  createTrackerServer,
} from "@shoal/tracker";
import { readAccessFiles } from "./access-files.ts";
import { createReplicaChannel } from "./replica-channel.ts";
import type { ThreadMessage, ThreadOrder, TrackerThreadData } from "./tracker-threads.ts";

const COUNT_MS = 1_000;

const data = workerData as TrackerThreadData;
const runtime = await createNodeRuntime({ logLevel: "error" });
const { clock, random } = runtime;
const server = await createTrackerServer({
  ...runtime,
  ...data.server,
  reusePort: true,
  access: await readAccessFiles(data.lists),
  state: createReplicatedSwarmState({
    local: createMemorySwarmState({ clock, random, peerLifetimeMs: data.peerLifetimeMs }),
    channel: createReplicaChannel(new BroadcastChannel(data.channel)),
    clock,
  }),
});

function tell(message: ThreadMessage): void {
  parentPort!.postMessage(message);
}

async function count(): Promise<void> {
  const { connects, announces, scrapes, refused, relayed } = await server.stats();
  tell({ counters: { connects, announces, scrapes, refused, relayed } });
}

const counting = clock.setRepeating(COUNT_MS, () => void count());

parentPort!.on("message", (order: ThreadOrder) => {
  void (async () => {
    if (order === "close") {
      counting.cancel();
      await count();
      await server.close();
      await runtime.close();
      parentPort!.close();
    } else {
      server.setAccess(await readAccessFiles(data.lists));
    }
  })();
});
tell("ready");

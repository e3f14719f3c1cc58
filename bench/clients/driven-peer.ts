import type { Endpoint } from "@shoal/runtime";
import type { JsonChild } from "./json-child.ts";
import type { Completion, Peer, PeerJob } from "./peer-job.ts";

/**
 * A peer whose process takes `{"peers": [[address, port]]}` on standard input and tells `ready`,
 * `connecting`, `piece` and `complete` on standard output.
 */
export class DrivenPeer implements Peer {
  readonly child: JsonChild;
  readonly endpoint: Endpoint;

  private constructor(child: JsonChild, endpoint: Endpoint) {
    this.child = child;
    this.endpoint = endpoint;
  }

  static async start(child: JsonChild, job: PeerJob): Promise<DrivenPeer> {
    const ready = await child.waitForEvent("ready", { timeoutMs: 120_000 });
    return new DrivenPeer(child, {
      address: job.host ?? "127.0.0.1",
      port: ready["port"] as number,
    });
  }

  get pid(): number {
    return this.child.pid;
  }

  async connect(peers: readonly Endpoint[]): Promise<number> {
    this.child.send(JSON.stringify({ peers: peers.map(({ address, port }) => [address, port]) }));
    return (await this.child.waitForEvent("connecting"))["ms"] as number;
  }

  async whenComplete(timeoutMs?: number): Promise<Completion> {
    const { ms } = await this.child.waitForEvent(
      "complete",
      timeoutMs === undefined ? {} : { timeoutMs },
    );
    const first = this.child.events.find(({ event }) => event === "piece");
    return {
      // Later pieces count from here on, so that the first one's length does not matter.
      first: first === undefined ? null : { ms: first["ms"] as number, verifiedBytes: 0 },
      completeMs: ms as number,
    };
  }

  stop(): Promise<unknown> {
    return this.child.stop();
  }
}

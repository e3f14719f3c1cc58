import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Endpoint } from "@shoal/runtime";
import { Child, type ChildOptions } from "./child.ts";
import { untilTrue } from "./deadline.ts";
import { createNamespace, type Namespace } from "./namespace.ts";
import { type Completion, monotonicMs, type Peer, type PeerJob } from "./peer-job.ts";

const RPC_PORT = 9091;
const PEER_PORT = 51413;

/** `status` of a torrent in Transmission's RPC. */
const SEEDING = 6;

const OFFLINE = {
  "dht-enabled": false,
  "lpd-enabled": false,
  "pex-enabled": false,
  "utp-enabled": false,
  "port-forwarding-enabled": false,
  "rpc-whitelist-enabled": false,
  "rpc-host-whitelist-enabled": false,
  "rpc-bind-address": "0.0.0.0",
  "idle-seeding-limit-enabled": false,
  "ratio-limit-enabled": false,
  "peer-port": PEER_PORT,
};

/** `encryption` of Transmission's settings. */
const ENCRYPTION = { off: 0, allow: 1, require: 2 } as const;

interface Progress {
  readonly status: number;
  readonly haveValid: number;
  readonly leftUntilDone: number;
  readonly metadataPercentComplete: number;
}

/** transmission-daemon in a network namespace of its own: it refuses peers in 127.0.0.0/8. */
export class Transmission implements Peer {
  readonly namespace: Namespace;
  readonly #child: Child;
  #session = "";

  private constructor(child: Child, namespace: Namespace) {
    this.#child = child;
    this.namespace = namespace;
  }

  /** Starts the daemon with one torrent; with the data there, it is ready once it seeds. */
  static async start(
    job: PeerJob & { readonly seed?: boolean },
    options: ChildOptions & { readonly inNamespace?: Namespace },
  ): Promise<Transmission> {
    const { scope } = options;
    const namespace = options.inNamespace ?? (await createNamespace(scope));
    const config = await scope.folder();
    const settings = {
      ...OFFLINE,
      encryption: ENCRYPTION[job.encryption ?? "off"],
      "download-dir": job.dir,
      "dht-enabled": job.dht !== undefined,
      "lpd-enabled": job.lsd === true,
      ...(job.uploadLimit === undefined
        ? {}
        : {
            "speed-limit-up-enabled": true,
            "speed-limit-up": Math.round(job.uploadLimit / 1000),
          }),
    };
    await writeFile(join(config, "settings.json"), JSON.stringify(settings));
    if (job.dht !== undefined) await writeFile(join(config, "dht.dat"), encodeDhtState(job.dht));
    const args = ["--foreground", "--config-dir", config];
    const child = new Child("transmission-daemon", args, { scope, namespace: namespace.name });
    const client = new Transmission(child, namespace);
    await untilTrue(() => client.#isUp(), "transmission-daemon answers");
    await client.#call("torrent-add", {
      "download-dir": job.dir,
      ...(job.source.startsWith("magnet:")
        ? { filename: job.source }
        : { metainfo: (await readFile(job.source)).toString("base64") }),
    });
    if (job.seed === true) {
      const isSeeding = async (): Promise<boolean> => (await client.#progress()).isSeeding;
      await untilTrue(isSeeding, "transmission seeds", 120_000);
    }
    return client;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get endpoint(): { address: string; port: number } {
    return { address: this.namespace.insideAddress, port: PEER_PORT };
  }

  connect(): Promise<number> {
    throw new TypeError("Transmission 3 takes peers from trackers alone: let them connect to it");
  }

  async whenComplete(timeoutMs?: number): Promise<Completion> {
    let first: Completion["first"] = null;
    const isComplete = async (): Promise<boolean> => {
      const { verifiedBytes, isSeeding } = await this.#progress();
      if (!isSeeding && verifiedBytes > 0) first ??= { ms: monotonicMs(), verifiedBytes };
      return isSeeding;
    };
    await untilTrue(isComplete, "transmission is complete", timeoutMs, 20);
    return { first, completeMs: monotonicMs() };
  }

  stop(): Promise<unknown> {
    return this.#child.stop();
  }

  async #isUp(): Promise<boolean> {
    return await this.#call("session-get", {}).then(
      () => true,
      () => false,
    );
  }

  async #progress(): Promise<{ verifiedBytes: number; isSeeding: boolean }> {
    const fields = ["status", "haveValid", "leftUntilDone", "metadataPercentComplete"];
    const { torrents } = (await this.#call("torrent-get", { fields })) as { torrents: Progress[] };
    const torrent = torrents[0];
    if (torrent === undefined) return { verifiedBytes: 0, isSeeding: false };
    return {
      verifiedBytes: torrent.haveValid,
      isSeeding:
        torrent.metadataPercentComplete === 1 &&
        torrent.leftUntilDone === 0 &&
        torrent.status === SEEDING,
    };
  }

  async #call(method: string, args: object): Promise<unknown> {
    const url = `http://${this.namespace.insideAddress}:${RPC_PORT}/transmission/rpc`;
    const request = (): Promise<Response> =>
      fetch(url, {
        method: "POST",
        headers: { "X-Transmission-Session-Id": this.#session },
        body: JSON.stringify({ method, arguments: args }),
      });
    let response = await request();
    if (response.status === 409) {
      this.#session = response.headers.get("X-Transmission-Session-Id") ?? "";
      response = await request();
    }
    const answer = (await response.json()) as { result: string; arguments: unknown };
    if (answer.result !== "success") throw new Error(`transmission: ${method}: ${answer.result}`);
    return answer.arguments;
  }
}

/** What an earlier run knew of the DHT: otherwise it would ask its makers' host first, and take its time. */
function encodeDhtState(nodes: readonly Endpoint[]): Buffer {
  const compact = nodes.map(({ address, port }) =>
    Buffer.from([...address.split(".").map(Number), port >> 8, port & 0xff]),
  );
  const bytes = Buffer.concat(compact);
  return Buffer.concat([
    Buffer.from("d2:id20:"),
    randomBytes(20),
    Buffer.from(`5:nodes${bytes.length}:`),
    bytes,
    Buffer.from("e"),
  ]);
}

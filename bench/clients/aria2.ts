import { readFile } from "node:fs/promises";
import { Child, type ChildOptions } from "./child.ts";
import { untilTrue } from "./deadline.ts";
import { findFreePort } from "./free-port.ts";
import { type Completion, monotonicMs, type Peer, type PeerJob } from "./peer-job.ts";

const OFFLINE = [
  "--enable-dht=false",
  "--enable-dht6=false",
  "--bt-enable-lpd=false",
  "--enable-peer-exchange=false",
  "--disable-ipv6=true",
  "--no-conf=true",
];

/** aria2 opens with MSE whatever is asked of it; these are about what follows. */
const ENCRYPTION = {
  off: [],
  allow: [],
  require: ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"],
} as const;

interface Status {
  readonly gid: string;
  readonly completedLength: string;
  readonly totalLength: string;
  readonly seeder?: string;
  readonly followedBy?: readonly string[];
}

/** aria2c with one torrent, driven through its RPC. It takes peers from trackers alone. */
export class Aria2 implements Peer {
  readonly endpoint: { address: string; port: number };
  readonly #child: Child;
  readonly #rpc: string;

  private constructor(child: Child, port: number, rpcPort: number) {
    this.#child = child;
    this.endpoint = { address: "127.0.0.1", port };
    this.#rpc = `http://127.0.0.1:${rpcPort}/jsonrpc`;
  }

  /** Starts it with one torrent; with the data there, it is ready once it seeds. */
  static async start(
    job: PeerJob & { readonly seed?: boolean },
    options: ChildOptions,
  ): Promise<Aria2> {
    const { scope } = options;
    const [port, rpcPort] = [await findFreePort(), await findFreePort()];
    const args = [
      ...OFFLINE,
      ...ENCRYPTION[job.encryption ?? "off"],
      `--listen-port=${port}`,
      "--enable-rpc=true",
      `--rpc-listen-port=${rpcPort}`,
      `--dir=${job.dir}`,
      "--check-integrity=true",
      "--seed-ratio=0.0",
      "--file-allocation=none",
      `--stop-with-process=${process.pid}`,
      ...(job.uploadLimit === undefined ? [] : [`--max-overall-upload-limit=${job.uploadLimit}`]),
    ];
    const client = new Aria2(new Child("aria2c", args, { scope }), port, rpcPort);
    await untilTrue(() => client.#isUp(), "aria2 answers");
    if (job.source.startsWith("magnet:")) await client.#call("aria2.addUri", [job.source]);
    else await client.#call("aria2.addTorrent", (await readFile(job.source)).toString("base64"));
    if (job.seed === true) {
      await untilTrue(async () => (await client.#progress()).isSeeding, "aria2 seeds", 120_000);
    }
    return client;
  }

  get pid(): number {
    return this.#child.pid;
  }

  connect(): Promise<number> {
    throw new TypeError("aria2 takes peers from trackers alone: let them connect to it");
  }

  async whenComplete(timeoutMs?: number): Promise<Completion> {
    let first: Completion["first"] = null;
    const isComplete = async (): Promise<boolean> => {
      const { verifiedBytes, isSeeding } = await this.#progress();
      if (!isSeeding && verifiedBytes > 0) first ??= { ms: monotonicMs(), verifiedBytes };
      return isSeeding;
    };
    await untilTrue(isComplete, "aria2 is complete", timeoutMs, 20);
    return { first, completeMs: monotonicMs() };
  }

  stop(): Promise<unknown> {
    // SIGTERM has it wait for trackers; a second signal would not.
    return this.#child.stop("SIGKILL");
  }

  async #isUp(): Promise<boolean> {
    return await this.#call("aria2.getVersion").then(
      () => true,
      () => false,
    );
  }

  async #progress(): Promise<{ verifiedBytes: number; isSeeding: boolean }> {
    const downloads = (await this.#call("aria2.tellActive")) as Status[];
    // A magnet link is followed by the download of what it stands for.
    const status = downloads.find(({ followedBy }) => followedBy === undefined);
    if (status === undefined) return { verifiedBytes: 0, isSeeding: false };
    const { seeder, completedLength, totalLength } = status;
    return {
      verifiedBytes: Number(completedLength),
      isSeeding: seeder === "true" && completedLength === totalLength,
    };
  }

  async #call(method: string, ...params: unknown[]): Promise<unknown> {
    const response = await fetch(this.#rpc, {
      method: "POST",
      body: JSON.stringify({ jsonrpc: "2.0", id: "1", method, params }),
    });
    const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (answer.error !== undefined) throw new Error(`aria2: ${method}: ${answer.error.message}`);
    return answer.result;
  }
}

import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSession } from "@shoal/engine";
import type { Runtime } from "@shoal/runtime";
import { showSwarm, swarmLines } from "../demo/show-swarm.ts";
import { type ShoalProcess, spawnShoal } from "../demo/spawn-shoal.ts";
import { writeRandomFile } from "../demo/write-random-file.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, formatDuration, formatRate } from "../output/format.ts";
import type { Output } from "../output/output.ts";
import { openRuntime } from "../process/open-runtime.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

export interface DemoOptions extends CommonOptions {
  /** Bytes of the file that is shared. */
  readonly size: number;
}

const HOST = "127.0.0.1";
const SEEDERS = 2;

/** Shows a swarm on this machine: a tracker, two seeders and a download, then damage and its repair. */
export async function runDemo(options: DemoOptions, context: CommandContext): Promise<ExitCode> {
  const { output, signal } = context;
  const folder = await mkdtemp(join(tmpdir(), "shoal-demo-"));
  const runtime = await openRuntime(context, { keepsState: false });
  const demo = new Demo(folder, runtime, output, signal);
  try {
    const result = await demo.run(options.size);
    output.result(result);
    return EXIT.ok;
  } finally {
    await demo.stop();
    await runtime.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Demo {
  readonly #folder: string;
  readonly #runtime: Runtime;
  readonly #output: Output;
  readonly #signal: AbortSignal;
  readonly #processes: ShoalProcess[] = [];
  #step = 0;

  constructor(folder: string, runtime: Runtime, output: Output, signal: AbortSignal) {
    this.#folder = folder;
    this.#runtime = runtime;
    this.#output = output;
    this.#signal = signal;
  }

  async run(lengthBytes: number): Promise<object> {
    const output = this.#output;
    const shared = join(this.#folder, "film.bin");
    const torrent = join(this.#folder, "film.torrent");
    output.note(`\nShoal shows a swarm on this machine, in ${this.#folder}.\n`);

    this.#say(`${formatBytes(lengthBytes)} of random bytes, so that nothing can be skipped`);
    await writeRandomFile(shared, lengthBytes, this.#runtime.random, this.#signal);

    this.#say("a tracker, over HTTP and UDP", "shoal tracker --host 127.0.0.1 --port 0");
    const tracker = this.#start("tracker", ["tracker", "--host", HOST, "--port", "0"]);
    const trackerUrl = await this.#text(tracker, "listening", "http");
    output.note(`   ${trackerUrl}`);

    this.#say(
      "a hybrid torrent: BEP 3 for every client, BEP 52 to verify each block alone",
      "shoal create film.bin --tracker ...",
    );
    const create = this.#start("create", [
      "create",
      shared,
      "-o",
      torrent,
      "--tracker",
      trackerUrl,
    ]);
    const magnet = await this.#text(create, "result", "magnet");
    output.note(`   ${magnet.slice(0, 72)}...`);

    this.#say("two seeders, each a process of its own", "shoal seed film.torrent --dir .");
    const seed = ["seed", torrent, "--dir", this.#folder, "--host", HOST];
    const seeders = Array.from({ length: SEEDERS }, (_, index) =>
      this.#start(`seeder-${index}`, seed),
    );
    for (const seeder of seeders) {
      output.note(`   verified, at port ${await this.#text(seeder, "listening", "port")}`);
    }

    this.#say(
      "a download that knows nothing but the magnet link",
      "shoal get 'magnet:?...' --dir downloads",
    );
    const downloads = join(this.#folder, "downloads");
    const first = await this.#download(magnet, downloads);
    output.note(
      `   ${output.paint("green", "verified:")} ${formatBytes(lengthBytes)} in ${formatDuration(first.durationMs / 1000)}, ` +
        `${formatRate((lengthBytes * 1000) / first.durationMs)} from connect to verified`,
    );

    this.#say(
      "one byte of the downloaded file is changed behind its back",
      "shoal get ... --recheck",
    );
    await flipByte(join(downloads, "film.bin"), Math.floor(lengthBytes / 2));
    const repair = await this.#download(magnet, downloads);
    output.note(
      `   ${output.paint("green", "repaired:")} found by its hash; ${formatBytes(repair.downloadedBytes)} fetched, the rest kept`,
    );
    this.#summarise();
    return {
      lengthBytes,
      durationMs: Math.round(first.durationMs),
      repairedBytes: repair.downloadedBytes,
    };
  }

  /** Ends every process that was started. */
  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((child) => child.stop()));
  }

  async #download(
    magnet: string,
    dir: string,
  ): Promise<{ durationMs: number; downloadedBytes: number }> {
    const { clock } = this.#runtime;
    const session = await createSession({ runtime: this.#runtime, host: HOST });
    try {
      const startMs = clock.monotonicMs();
      const torrent = await session.add(magnet, { dir, recheck: true });
      const stopShowing = showSwarm(torrent, clock, this.#output);
      let lines: string[] = [];
      try {
        await torrent.whenComplete(this.#signal);
        lines = swarmLines(torrent);
      } finally {
        stopShowing();
      }
      const durationMs = clock.monotonicMs() - startMs;
      for (const line of lines) this.#output.note(line);
      const { downloadedBytes, wastedBytes } = torrent.status();
      return { durationMs, downloadedBytes: downloadedBytes - wastedBytes };
    } finally {
      await session.close();
    }
  }

  #start(name: string, args: readonly string[]): ShoalProcess {
    const child = spawnShoal(args, join(this.#folder, "home", name));
    this.#processes.push(child);
    return child;
  }

  /** A field of an event of another process, unless the demonstration is interrupted before. */
  async #text(child: ShoalProcess, event: string, field: string): Promise<string> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(this.#signal.reason as Error);
    this.#signal.addEventListener("abort", onAbort, { once: true });
    try {
      this.#signal.throwIfAborted();
      return String((await Promise.race([child.waitFor(event), aborted]))[field]);
    } finally {
      this.#signal.removeEventListener("abort", onAbort);
    }
  }

  /** Says which step comes, and the command that does the same. */
  #say(what: string, command?: string): void {
    const output = this.#output;
    output.note(output.paint("bold", `${++this.#step}. ${what}`));
    if (command !== undefined) output.note(`   ${output.paint("dim", `$ ${command}`)}`);
    output.event("step", { step: this.#step, text: what });
  }

  #summarise(): void {
    this.#output.note(`
What you saw: a tracker introduced three peers, the torrent's description came from the peers
themselves, pieces came from both seeders at once, and every byte was hashed before it counted.

To try next:
  shoal create FOLDER                  make a torrent of what is yours
  shoal seed FOLDER.torrent --dir .    share it
  shoal get MAGNET --dir downloads     fetch it, on any machine, with any client
  shoal help                           everything else
`);
  }
}

async function flipByte(path: string, offset: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
    await file.write(Buffer.of(buffer[0]! ^ 0xff), 0, 1, offset);
  } finally {
    await file.close();
  }
}

import type { Dht, FollowedTorrent } from "@shoal/dht";
import type { Session, Torrent } from "@shoal/engine";
import { toHex } from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, toPlainText } from "../output/format.ts";
import type { NetworkFlags } from "../process/network-flags.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { untilSignal } from "../process/until-signal.ts";
import { Interruption } from "../process/watch-signals.ts";
import { openSession, type SessionFlags } from "../torrent/open-session.ts";
import { showProgress } from "../torrent/show-progress.ts";
import { parsePublishedName, type PublishedName } from "./published-name.ts";
import { requireDht } from "./require-dht.ts";
import { VersionFolder } from "./version-folder.ts";

export interface FollowOptions extends CommonOptions, SessionFlags, NetworkFlags {
  readonly dir: string;
  readonly once?: boolean;
  readonly salt?: string;
  /** Seconds between two looks for a new version. */
  readonly poll: number;
  /** Seconds after which `once` gives up looking for a first version. */
  readonly timeout: number;
}

/**
 * Follows a torrent under a key (BEP 46): downloads its newest version and each later one, and seeds it, until a
 * signal asks for the end; with `once` the newest version alone.
 * @throws {CliError} and the errors of the packages below; `describeError` has their words.
 */
export async function runFollow(
  text: string,
  options: FollowOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const name = parsePublishedName(text, options.salt);
  const runtime = await openRuntime(context, { keepsState: true, flags: options });
  try {
    const session = await openSession(runtime, options, context.output);
    try {
      const dht = requireDht(session);
      const follower = new Follower({ name, session, dht, runtime, options, context });
      try {
        await follower.run();
        return EXIT.ok;
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        return await untilSignal(context.signal);
      } finally {
        follower.report();
      }
    } finally {
      await session.close();
    }
  } finally {
    await runtime.close();
  }
}

interface FollowerInit {
  readonly name: PublishedName;
  readonly session: Session;
  readonly dht: Dht;
  readonly runtime: Runtime;
  readonly options: FollowOptions;
  readonly context: CommandContext;
}

class Follower {
  readonly #init: FollowerInit;
  readonly #folder: VersionFolder;
  /** The newest version that is complete. */
  #current: { torrent: Torrent; seq: bigint } | null = null;

  constructor(init: FollowerInit) {
    this.#init = init;
    this.#folder = new VersionFolder(init.options.dir);
  }

  /**
   * Ends with `once` alone.
   * @throws the signal's reason; {CliError} `not-found` when there is no version within the time for `once`.
   */
  async run(): Promise<void> {
    const { name, dht, session, runtime, options, context } = this.#init;
    const { once = false, timeout } = options;
    await this.#folder.create();
    context.output.event("listening", { port: session.port });
    const ending = new AbortController();
    const timer = runtime.clock.setTimer(timeout * 1000, () => {
      const message = `nothing is published under this key, as far as could be seen in ${timeout} s`;
      if (once) ending.abort(new CliError("not-found", message));
    });
    try {
      const signal = AbortSignal.any([context.signal, ending.signal]);
      await dht.whenJoined(signal);
      const { publicKey, salt } = name;
      const versions = dht.follow(publicKey, { salt, signal, pollMs: options.poll * 1000 });
      let next = versions.next();
      for (;;) {
        const found = await next;
        timer.cancel();
        if (found.done === true) return;
        next = versions.next();
        const isDone = await this.#take(found.value, next);
        if (isDone && once) return void versions.return?.();
      }
    } finally {
      timer.cancel();
    }
  }

  report(): void {
    const { torrent = null, seq = null } = this.#current ?? {};
    this.#init.context.output.result({
      publicKey: toHex(this.#init.name.publicKey),
      infoHash: torrent?.infoHash ?? null,
      seq: seq === null ? null : Number(seq),
      path: torrent === null ? null : this.#folder.linkOf(rootOf(torrent)),
      downloadedBytes: torrent?.status().downloadedBytes ?? 0,
    });
  }

  /**
   * Downloads a version, and makes it the one that is read.
   * @param newer Resolves when there is a newer one: this one is given up then.
   * @returns Whether it is complete.
   */
  async #take(version: FollowedTorrent, newer: Promise<unknown>): Promise<boolean> {
    const { context, session } = this.#init;
    const { output } = context;
    const infoHash = toHex(version.infoHash);
    const { seq } = version.item;
    output.note(`version ${seq}: ${infoHash}`);
    output.event("version", { seq: Number(seq), infoHash });
    const outdated = new AbortController();
    newer.then(
      () => outdated.abort(),
      () => {},
    );
    const signal = AbortSignal.any([context.signal, outdated.signal]);
    const torrent = await session.add(`magnet:?xt=urn:btih:${infoHash}`, {
      dir: this.#folder.placeOf(infoHash),
      reuse: [this.#folder.all],
    });
    try {
      await this.#download(torrent, signal);
    } catch (error) {
      // What it has of its files serves the next version.
      await session.remove(torrent);
      if (context.signal.aborted || !outdated.signal.aborted) throw error;
      return false;
    }
    const before = this.#current?.torrent;
    this.#current = { torrent, seq };
    if (before !== undefined) await session.remove(before);
    const name = rootOf(torrent);
    await this.#folder.switchTo(infoHash, name);
    const { wantedBytes, downloadedBytes } = torrent.status();
    output.note(
      `${output.paint("green", "verified:")} version ${seq}, ${formatBytes(wantedBytes)}, of which ` +
        `${formatBytes(downloadedBytes)} were fetched`,
    );
    output.data(this.#folder.linkOf(toPlainText(name)));
    const path = this.#folder.linkOf(name);
    output.event("followed", { seq: Number(seq), infoHash, path, downloadedBytes });
    return true;
  }

  async #download(torrent: Torrent, signal: AbortSignal): Promise<void> {
    const { runtime, context } = this.#init;
    const progress = showProgress(runtime.clock, context.output, { isAlone: true });
    progress.add(torrent);
    try {
      await torrent.whenReady(signal);
      await this.#folder.assertFree(rootOf(torrent));
      await torrent.whenComplete(signal);
    } finally {
      progress.stop();
    }
  }
}

/** The torrent's file, or its root folder. */
function rootOf({ metainfo, name }: Torrent): string {
  return metainfo?.files[0]?.path[0] ?? name;
}

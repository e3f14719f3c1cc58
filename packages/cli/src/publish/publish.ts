import { type Dht, DhtError, encodeTorrentItem, type StoredMutable } from "@shoal/dht";
import type { Session, Torrent } from "@shoal/engine";
import { itemPublicKey, type Metainfo, parseMetainfo, toHex } from "@shoal/protocol";
import { pause, type Runtime } from "@shoal/runtime";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { loadKeyFile } from "../dht/key-file.ts";
import { CliError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { formatBytes, formatCount, toPlainText } from "../output/format.ts";
import type { NetworkFlags } from "../process/network-flags.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { untilSignal } from "../process/until-signal.ts";
import { Interruption } from "../process/watch-signals.ts";
import { buildTorrent, planTorrent } from "../torrent/build-torrent.ts";
import { listFiles } from "../torrent/list-files.ts";
import { openSession, type SessionFlags } from "../torrent/open-session.ts";
import { describeFolder, untilFolderChanges } from "./folder-watch.ts";
import { formatPublishedName } from "./published-name.ts";
import { requireDht } from "./require-dht.ts";

/** Between two tries when no node takes the item: from and to. */
const MIN_RETRY_MS = 2000;
const MAX_RETRY_MS = 60_000;

export interface PublishOptions extends CommonOptions, SessionFlags, NetworkFlags {
  readonly key: string;
  readonly salt?: string;
  /** Seconds between two looks at the folder. */
  readonly check: number;
}

/**
 * Publishes a folder under a key (BEP 46): seeds a torrent of it, names it in the DHT and keeps it there, and does
 * so anew whenever the folder changes, until a signal asks for the end.
 * @throws {CliError} and the errors of the packages below; `describeError` has their words.
 */
export async function runPublish(
  path: string,
  options: PublishOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, signal } = context;
  const runtime = await openRuntime(context, { keepsState: true, flags: options });
  try {
    const { seed, isNew } = await loadKeyFile(options.key, () => runtime.random.bytes(32));
    if (isNew) {
      output.note(`a new key is in ${options.key}: who has that file can publish in your name`);
    }
    const session = await openSession(runtime, options, context.output);
    try {
      const dht = requireDht(session);
      const publisher = new Publisher({ path, seed, session, dht, runtime, options, context });
      try {
        await publisher.run();
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
      }
      publisher.report();
      return await untilSignal(signal);
    } finally {
      await session.close();
    }
  } finally {
    await runtime.close();
  }
}

interface PublisherInit {
  readonly path: string;
  /** The private key, 32 bytes. */
  readonly seed: Uint8Array;
  readonly session: Session;
  readonly dht: Dht;
  readonly runtime: Runtime;
  readonly options: PublishOptions;
  readonly context: CommandContext;
}

/** A folder that is published, in one version after the other. */
class Publisher {
  readonly #init: PublisherInit;
  readonly #publicKey: Uint8Array;
  readonly #salt: Uint8Array;
  readonly #link: string;
  #torrent: Torrent | null = null;
  #seq: bigint | null = null;
  /** Ends the keeping of the version before. */
  #keeping = new AbortController();

  constructor(init: PublisherInit) {
    this.#init = init;
    this.#publicKey = itemPublicKey(init.seed);
    this.#salt = Buffer.from(init.options.salt ?? "");
    this.#link = formatPublishedName({ publicKey: this.#publicKey, salt: this.#salt });
  }

  /** @throws the signal's reason: there is no other end, once the first version is made. */
  async run(): Promise<never> {
    const { path, runtime, session, options, context } = this.#init;
    const { output, signal } = context;
    output.event("listening", { port: session.port, link: this.#link });
    for (;;) {
      const state = await describeFolder(path);
      try {
        await this.#publish();
      } catch (error) {
        // Later versions may be caught in the middle of being written: the next look decides.
        const isLater = this.#torrent !== null && error instanceof CliError;
        if (!isLater || error instanceof Interruption) throw error;
        output.warn(`not published: ${error.message}`);
      }
      const everyMs = options.check * 1000;
      await untilFolderChanges(path, state, { clock: runtime.clock, everyMs, signal });
    }
  }

  report(): void {
    this.#init.context.output.result({
      link: this.#link,
      publicKey: toHex(this.#publicKey),
      infoHash: this.#torrent?.infoHash ?? null,
      seq: this.#seq === null ? null : Number(this.#seq),
    });
  }

  /** Makes and seeds a torrent of the folder as it is, and names it in the DHT. */
  async #publish(): Promise<void> {
    const { context, session } = this.#init;
    const { output } = context;
    const { metainfo, parent } = await this.#make();
    const infoHash = metainfo.v1!.infoHash;
    const before = this.#torrent;
    if (before?.infoHash === toHex(infoHash)) return;
    const torrent = await session.add(metainfo, { dir: parent, select: () => true });
    try {
      await torrent.whenReady(context.signal);
      const { verifiedPieces, pieceCount } = torrent.status();
      if (verifiedPieces < pieceCount) {
        throw new CliError("file-failed", "a file changed while the torrent was made");
      }
    } catch (error) {
      await session.remove(torrent);
      throw error;
    }
    this.#torrent = torrent;
    if (before === null) output.data(this.#link);
    else await session.remove(before);
    output.note(
      `${output.paint("green", "seeding:")} ${toPlainText(metainfo.name)}, ` +
        `${formatBytes(metainfo.lengthBytes)} in ${formatCount(metainfo.files.length, "file")}`,
    );
    await this.#store(metainfo, infoHash);
  }

  async #make(): Promise<{ metainfo: Metainfo; parent: string }> {
    const { path, runtime, context } = this.#init;
    const found = await listFiles(path);
    const plan = planTorrent(found, { version: "hybrid" }, path);
    const bytes = await buildTorrent(plan, found.parent, {}, { runtime, context });
    return { metainfo: parseMetainfo(bytes), parent: found.parent };
  }

  /** Names a version in the DHT, as soon as a node takes it, and keeps it there. */
  async #store({ name }: Metainfo, infoHash: Uint8Array): Promise<void> {
    const { dht, runtime, context } = this.#init;
    const { output, signal } = context;
    this.#keeping.abort();
    this.#keeping = new AbortController();
    await dht.whenJoined(signal);
    let retryMs = MIN_RETRY_MS;
    for (;;) {
      try {
        const { item, stored } = await this.#put(infoHash);
        this.#seq = item.seq;
        output.note(`published: version ${item.seq}, ${formatCount(stored, "node")} took it`);
        const seq = Number(item.seq);
        output.event("published", { infoHash: toHex(infoHash), name, seq, stored });
        const keeping = AbortSignal.any([signal, this.#keeping.signal]);
        void dht.keep(item, keeping).catch(() => {});
        return;
      } catch (error) {
        if (!(error instanceof DhtError) || error.code === "closed") throw error;
        if (retryMs === MIN_RETRY_MS) {
          output.note(`not published yet: ${error.message} (--dht-bootstrap names a way in)`);
        }
        await pause(runtime.clock, retryMs, signal);
        retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
      }
    }
  }

  async #put(infoHash: Uint8Array): Promise<StoredMutable> {
    const { dht, seed, runtime, context } = this.#init;
    const { signal } = context;
    const salt = this.#salt;
    const item = await dht.getMutable(this.#publicKey, { salt, signal });
    if (item !== null && Buffer.compare(item.value, encodeTorrentItem(infoHash)) === 0) {
      return { item, stored: await dht.putAgain(item, { signal }) };
    }
    // Nodes forget within hours, followers do not: by the time, a version is later than all before it, whoever is
    // asked, and on whatever machine the key is used.
    const seconds = BigInt(Math.floor(runtime.clock.nowMs() / 1000));
    const least = (item?.seq ?? 0n) + 1n;
    const seq = seconds > least ? seconds : least;
    return await dht.publishTorrent(seed, infoHash, { salt, seq, signal });
  }
}

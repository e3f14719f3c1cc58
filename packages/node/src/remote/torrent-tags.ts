import type { StoreSchema, Tables } from "@shoal/runtime";
import { NodeError } from "../errors.ts";

/** Tags of the node, and of one torrent: people make a few, a program gone wild would make any number. */
export const MAX_TAGS = 1000;
export const MAX_TAGS_OF_TORRENT = 100;
/** Characters of a tag. */
export const MAX_TAG_LENGTH = 200;

export const TAGS_SCHEMA: StoreSchema = {
  name: "node_tags",
  migrations: [
    `CREATE TABLE node_tags_tags (tag TEXT PRIMARY KEY) STRICT;
     CREATE TABLE node_tags_torrents (
       info_hash TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (info_hash, tag)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

/** Words that other clients put on torrents, any number on each. Kept over restarts; gone with their torrent. */
export class TorrentTags {
  readonly #tables: Tables;
  readonly #tags: Set<string>;
  readonly #ofTorrents: Map<string, ReadonlySet<string>>;

  private constructor(
    tables: Tables,
    tags: Set<string>,
    ofTorrents: Map<string, ReadonlySet<string>>,
  ) {
    this.#tables = tables;
    this.#tags = tags;
    this.#ofTorrents = ofTorrents;
  }

  /** @throws {StoreError} */
  static async open(tables: Tables): Promise<TorrentTags> {
    const tags = await tables.select({ sql: "SELECT tag FROM node_tags_tags ORDER BY tag" });
    const pairs = await tables.select({
      sql: "SELECT info_hash, tag FROM node_tags_torrents ORDER BY info_hash, tag",
    });
    const ofTorrents = new Map<string, Set<string>>();
    for (const { info_hash: infoHash, tag } of pairs as { info_hash: string; tag: string }[]) {
      const own = ofTorrents.get(infoHash) ?? new Set();
      ofTorrents.set(infoHash, own.add(tag));
    }
    return new TorrentTags(tables, new Set(tags.map(({ tag }) => tag as string)), ofTorrents);
  }

  /** All that were made, whether a torrent has them or not. */
  get all(): readonly string[] {
    return [...this.#tags];
  }

  of(infoHash: string): readonly string[] {
    return [...(this.#ofTorrents.get(infoHash) ?? [])];
  }

  /** @throws {NodeError} `bad-request` for what is no tag, and for too many. */
  async create(tags: readonly string[]): Promise<void> {
    const fresh = [...new Set(tags)].filter((tag) => !this.#tags.has(tag));
    for (const tag of fresh) assertTag(tag);
    if (this.#tags.size + fresh.length > MAX_TAGS) {
      throw new NodeError("bad-request", `There are ${MAX_TAGS} tags already; delete some first.`);
    }
    for (const tag of fresh) this.#tags.add(tag);
    const sql = "INSERT OR IGNORE INTO node_tags_tags (tag) VALUES (?)";
    await this.#commit(fresh.map((tag) => ({ sql, parameters: [tag] })));
  }

  /** Deletes tags, and takes them off all torrents. */
  async delete(tags: readonly string[]): Promise<void> {
    const gone = tags.filter((tag) => this.#tags.delete(tag));
    for (const [infoHash, own] of this.#ofTorrents) {
      if (gone.some((tag) => own.has(tag))) {
        this.#put(
          infoHash,
          [...own].filter((tag) => !gone.includes(tag)),
        );
      }
    }
    await this.#commit(
      gone.flatMap((tag) => [
        { sql: "DELETE FROM node_tags_tags WHERE tag = ?", parameters: [tag] },
        { sql: "DELETE FROM node_tags_torrents WHERE tag = ?", parameters: [tag] },
      ]),
    );
  }

  /** Gives a torrent exactly these tags; those that are new are made. @throws as {@link create}. */
  async set(infoHash: string, tags: readonly string[]): Promise<void> {
    const own = [...new Set(tags)];
    if (own.length > MAX_TAGS_OF_TORRENT) {
      throw new NodeError(
        "bad-request",
        `A torrent has ${MAX_TAGS_OF_TORRENT} tags at the most, not ${own.length}.`,
      );
    }
    await this.create(own);
    this.#put(infoHash, own);
    const sql = "INSERT INTO node_tags_torrents (info_hash, tag) VALUES (?, ?)";
    await this.#commit([
      { sql: "DELETE FROM node_tags_torrents WHERE info_hash = ?", parameters: [infoHash] },
      ...own.map((tag) => ({ sql, parameters: [infoHash, tag] })),
    ]);
  }

  /** The torrent is gone. */
  async forget(infoHash: string): Promise<void> {
    if (!this.#ofTorrents.delete(infoHash)) return;
    await this.#commit([
      { sql: "DELETE FROM node_tags_torrents WHERE info_hash = ?", parameters: [infoHash] },
    ]);
  }

  #put(infoHash: string, tags: readonly string[]): void {
    if (tags.length === 0) this.#ofTorrents.delete(infoHash);
    else this.#ofTorrents.set(infoHash, new Set(tags));
  }

  async #commit(statements: Parameters<Tables["commit"]>[0]): Promise<void> {
    if (statements.length > 0) await this.#tables.commit(statements, "normal");
  }
}

/** A comma parts tags in other clients' lists, so that none may hold one. */
function assertTag(tag: string): void {
  if (tag.length > 0 && tag.length <= MAX_TAG_LENGTH && !/[,\p{Cc}]/u.test(tag)) return;
  throw new NodeError(
    "bad-request",
    `A tag has 1 to ${MAX_TAG_LENGTH} characters and no comma: ${JSON.stringify(tag.slice(0, 50))} is none.`,
  );
}

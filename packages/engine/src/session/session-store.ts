import { GroupCommit } from "../torrent/group-commit.ts";
import { RESUME_SCHEMA, ResumeStore } from "../torrent/resume.ts";
import type { SessionOptions } from "./session-options.ts";
import { TorrentKeeper } from "./torrent-keeper.ts";
import { TorrentList } from "./torrent-list.ts";

/** What a session keeps over restarts, as its options say. */
export interface SessionStore {
  readonly resume: ResumeStore | null;
  /** Null where the torrents themselves are not kept. */
  readonly keeper: TorrentKeeper | null;
}

/** @throws {StoreError} */
export async function openSessionStore(options: SessionOptions): Promise<SessionStore> {
  const { resume = true, restore = false } = options;
  if (!resume && restore === false) return { resume: null, keeper: null };
  const { store, clock, log } = options.runtime;
  const tables = await store.open(RESUME_SCHEMA);
  const commits = new GroupCommit(tables);
  const kept = new ResumeStore(tables, commits);
  if (restore === false) return { resume: kept, keeper: null };
  return {
    resume: kept,
    keeper: new TorrentKeeper(new TorrentList(tables, commits), kept, clock, log),
  };
}

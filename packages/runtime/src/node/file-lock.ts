import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DiskError } from "../errors.ts";
import { toDiskError } from "./disk-errors.ts";

/**
 * Locks a file against all other programs, and against this one, until it is let go or the process ends, however it
 * ends. Node has no call for that; SQLite's own lock on an empty database is one that every system's kernel keeps.
 * @param path The lock's own file, made when missing, as its folder is.
 * @param subject What is locked, for the message.
 * @returns a function that lets go.
 * @throws {DiskError} `locked`.
 */
export function lockFile(path: string, subject: string): () => void {
  let database: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    // SQLITE_BUSY and what belongs to it.
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) {
      const text = `${subject} is in use by another program. End that one first, or use another folder.`;
      throw new DiskError("locked", subject, text, { cause: error });
    }
    throw toDiskError(error, path);
  }
  return () => database.close();
}

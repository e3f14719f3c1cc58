import { StoreError } from "../errors.ts";
import type { Failure } from "./worker-link.ts";

/** SQLite's primary result codes, the low byte of what it reports. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_CONSTRAINT = 19;
const SQLITE_NOTADB = 26;

/** SQLite's error as a `StoreError` that says what to do. */
export function toStoreError(cause: unknown, path: string | null): StoreError {
  if (cause instanceof StoreError) return cause;
  const { message, errcode } = cause as { message: string; errcode?: number };
  const name = path ?? "the database in memory";
  switch ((errcode ?? 0) & 0xff) {
    case SQLITE_CONSTRAINT:
      return new StoreError("constraint", `A row breaks a rule of its table: ${message}.`, {
        cause,
      });
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return new StoreError("busy", `${name} is held by another program. Close it, or try again.`, {
        cause,
      });
    case SQLITE_FULL:
      return new StoreError("full", `No room for ${name}. Free some space on its disk.`, { cause });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new StoreError(
        "corrupt",
        `${name} is damaged (${message}). Restore it, or move it away to start anew.`,
        {
          cause,
        },
      );
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
      return new StoreError(
        "failed",
        `${name} cannot be used (${message}). Check its folder and rights.`,
        { cause },
      );
    default:
      return new StoreError("failed", `${name} refused a statement: ${message}.`, { cause });
  }
}

export function describeStoreError(error: unknown): Failure {
  const { name, message, code } = error as StoreError;
  return { name, code: error instanceof StoreError ? code : "failed", message };
}

export function reviveStoreError({ code, message }: Failure): Error {
  return new StoreError(code === "io" ? "failed" : (code as StoreError["code"]), message);
}

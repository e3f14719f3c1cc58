import { CliError } from "../errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission is missing: change it, or choose another place",
  EPERM: "permission is missing: change it, or choose another place",
  EROFS: "the file system is read-only: choose another place",
  ENOSPC: "the disk is full: free some space and try again",
  EDQUOT: "the disk quota is used up: free some space and try again",
  EISDIR: "it is a folder where a file is expected",
  ENOTDIR: "part of the path is a file where a folder is expected",
  ENAMETOOLONG: "the name is too long",
};

/** An error of the file system as a sentence: what was tried with which file, and why it failed. */
export function toFileError(cause: unknown, verb: "read" | "write", path: string): CliError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOENT") {
    const what = verb === "read" ? path : `the folder of ${path}`;
    return new CliError("not-found", `${what} does not exist: check the path`, { cause });
  }
  const reason = REASONS[code] ?? (cause as Error).message;
  return new CliError("file-failed", `cannot ${verb} ${path}: ${reason}`, { cause });
}

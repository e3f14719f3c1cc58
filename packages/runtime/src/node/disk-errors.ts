import { DiskError } from "../errors.ts";
import type { Failure } from "./worker-link.ts";

/** The system's error about `path` as a `DiskError` that says what to do. */
export function toDiskError(cause: unknown, path: string): DiskError {
  if (cause instanceof DiskError) return cause;
  const systemCode = (cause as NodeJS.ErrnoException).code ?? "unknown";
  const [code, explanation] = explain(systemCode, path);
  return new DiskError(code, path, explanation, { cause });
}

function explain(systemCode: string, path: string): [DiskError["code"], string] {
  switch (systemCode) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return [
        "full",
        `No room for ${path} (${systemCode}). Free some space, or choose a folder on another disk, and resume.`,
      ];
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return [
        "denied",
        `No permission for ${path} (${systemCode}). Give this user the right to read and write there, or choose another folder.`,
      ];
    case "ENOENT":
      return ["missing", `${path} does not exist. Bring it back, or check the data again.`];
    case "EEXIST":
    case "ENOTEMPTY":
      return ["exists", `${path} exists already. Move it away, or choose another place.`];
    case "ENAMETOOLONG":
      return [
        "too-long",
        `The name ${path} is too long for this disk. Choose a folder with a shorter path.`,
      ];
    case "EISDIR":
    case "ENOTDIR":
    case "ENXIO":
      return [
        "not-a-file",
        `Something else stands where ${path} should be (${systemCode}). Move it away, or choose another folder.`,
      ];
    case "ELOOP":
    case "EMLINK":
      return ["escapes-root", `${path} is a symbolic link that cannot be trusted. Remove it.`];
    default:
      return [
        "io",
        `${path} could not be used: the system answered ${systemCode}. Check the disk.`,
      ];
  }
}

/** For the way across the thread border. */
export function describeDiskError(error: unknown): Failure {
  if (error instanceof DiskError) {
    const { name, code, message, path } = error;
    return { name, code, message, path };
  }
  const { name, message } = error as Error;
  return { name, code: name === "RangeError" ? "range" : "io", message };
}

/** The other side of `describeDiskError`. */
export function reviveDiskError({ code, message, path }: Failure): Error {
  if (code === "range") return new RangeError(message);
  return new DiskError(code as DiskError["code"], path ?? "", message);
}

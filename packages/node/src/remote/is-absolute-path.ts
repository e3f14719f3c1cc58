/** Whether a path of a request is one from a root: of Unix, of a drive, or of a network share. */
export function isAbsolutePath(path: string): boolean {
  return /^(?:\/|[a-z]:[\\/]|\\\\)/i.test(path);
}

/**
 * Whether a request's target is a path from the root, and nothing that another layer may read as another path: no dot
 * segments, however encoded, no backslashes, no control characters, no `//` at the start, which is another host's.
 */
export function isPlainTarget(target: string): boolean {
  const [path = ""] = target.split("?", 1);
  if (!path.startsWith("/") || path.startsWith("//")) return false;
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return false;
  }
  if (/[\p{Cc}\\]/u.test(decoded)) return false;
  return !decoded.split("/").some((segment) => segment === "." || segment === "..");
}

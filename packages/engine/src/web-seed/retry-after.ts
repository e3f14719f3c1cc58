/** A server that is busy may ask for a rest of so long; longer ones are cut. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * The pause that a `Retry-After` header asks for (RFC 9110, 10.2.3), in ms.
 * @param nowMs Since 1970.
 * @returns null when there is none, or it cannot be read.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (Number.isNaN(waitMs)) return null;
  return Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

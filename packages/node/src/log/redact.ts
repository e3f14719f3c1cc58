/** Names of fields whose values nobody may read in a log. */
const SECRET_NAME =
  /pass(?:word|phrase)?$|secret|mnemonic|^words$|private.?key|session.?key|api.?key|token$|authorization|cookie/i;

/** User and password in a URL; keys and tokens in its query, as private trackers have them. */
const SECRETS_IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"]+@/gi, "$1[redacted]@"],
  [/([?&](?:pass(?:key|word)?|auth|token|apikey|api_key|key|secret)=)[^&\s"]+/gi, "$1[redacted]"],
  [/\b(bearer\s+)[\w.~+/-]{8,}=*/gi, "$1[redacted]"],
];

export const REDACTED = "[redacted]";

/** A value of a log's line without secrets: what fields of a telling name hold, and what text gives away. */
export function redact(value: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      SECRET_NAME.test(name) && each !== null ? REDACTED : redact(each),
    ]),
  );
}

export function redactText(text: string): string {
  return SECRETS_IN_TEXT.reduce((sum, [pattern, put]) => sum.replace(pattern, put), text);
}

/** Where a torrent is to come from, and how people see it. */
export interface Source {
  readonly label: string;
  readonly source:
    | { readonly magnet: string }
    | { readonly url: string }
    | { readonly torrentFile: string };
}

/** Longer ones are refused by the daemon, too; to say so before sending is kinder. */
export const MAX_TORRENT_BYTES = 10 * 2 ** 20;

/**
 * Finds sources in text that was pasted, dropped or typed: magnet links, infohashes and addresses, one a line or
 * apart by spaces. What is none of these is left out.
 */
export function sourcesInText(text: string): Source[] {
  const found = new Map<string, Source>();
  for (const part of text.split(/\s+/)) {
    const source = readSource(part);
    if (source !== null) found.set(part, source);
  }
  return [...found.values()];
}

function readSource(text: string): Source | null {
  if (/^magnet:\?/i.test(text)) return { label: nameInMagnet(text), source: { magnet: text } };
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64}|[a-z2-7]{32})$/i.test(text))
    return { label: text, source: { magnet: text } };
  if (/^https?:\/\/[^/]/i.test(text)) return { label: text, source: { url: text } };
  return null;
}

function nameInMagnet(magnet: string): string {
  const query = new URLSearchParams(magnet.slice(magnet.indexOf("?") + 1));
  return query.get("dn") ?? query.get("xt") ?? magnet;
}

/** @throws {RangeError} when the file is too large to be a torrent file. */
export async function sourceOfFile(file: File): Promise<Source> {
  if (file.size > MAX_TORRENT_BYTES) throw new RangeError(file.name);
  return {
    label: file.name,
    source: { torrentFile: toBase64(new Uint8Array(await file.arrayBuffer())) },
  };
}

/** In steps: a call with ten million parameters does not fit the stack. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

/** A feed's text: by its byte order mark, by what its XML declaration says, else by its content type, else UTF-8. */
export function decodeFeed(bytes: Uint8Array, contentType: string | undefined): string {
  const start = Buffer.from(bytes.subarray(0, 200)).toString("latin1");
  const declared =
    (start.startsWith("\xff\xfe") && "utf-16le") ||
    (start.startsWith("\xfe\xff") && "utf-16be") ||
    /^(?:\xef\xbb\xbf)?\s{0,20}<\?xml[^>]{0,100}?encoding=["']([\w.:-]{1,40})["']/.exec(
      start,
    )?.[1] ||
    /charset=["']?([\w.:-]{1,40})/i.exec(contentType?.slice(0, 200) ?? "")?.[1];
  return decoderFor(declared || "utf-8").decode(bytes);
}

function decoderFor(label: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

/** An `&` that begins no reference: the most usual mistake in feeds, which would swallow what follows. */
const BARE = /&(?!#\d{1,7};|#x[\da-f]{1,6};|\w{1,31};)/gi;
const OPEN = "<![CDATA[";
const CLOSE = "]]>";

/** Writes `&` as it has to be written where it stands for itself; in CDATA it is right as it is. */
export function mendAmpersands(text: string): string {
  const parts: string[] = [];
  for (let at = 0; ;) {
    const start = text.indexOf(OPEN, at);
    const end = start === -1 ? -1 : text.indexOf(CLOSE, start + OPEN.length);
    parts.push(text.slice(at, end === -1 ? text.length : start).replaceAll(BARE, "&amp;"));
    if (end === -1) return parts.join("");
    parts.push(text.slice(start, end + CLOSE.length));
    at = end + CLOSE.length;
  }
}

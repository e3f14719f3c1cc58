/** Sound and pictures: what a browser shows of them can run nothing. SVG can, and is not among them. */
const MEDIA: Readonly<Record<string, string>> = {
  "3gp": "video/3gpp",
  aac: "audio/aac",
  avi: "video/x-msvideo",
  avif: "image/avif",
  bmp: "image/bmp",
  flac: "audio/flac",
  gif: "image/gif",
  ico: "image/x-icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  jxl: "image/jxl",
  m2ts: "video/mp2t",
  m4a: "audio/mp4",
  m4b: "audio/mp4",
  m4v: "video/mp4",
  mka: "audio/x-matroska",
  mkv: "video/x-matroska",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  mpeg: "video/mpeg",
  mpg: "video/mpeg",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  ogv: "video/ogg",
  opus: "audio/ogg",
  png: "image/png",
  ts: "video/mp2t",
  wav: "audio/wav",
  weba: "audio/webm",
  webm: "video/webm",
  webp: "image/webp",
  wmv: "video/x-ms-wmv",
};

/** Types that programs other than browsers want to know. They are handed out to be saved. */
const OTHERS: Readonly<Record<string, string>> = {
  "7z": "application/x-7z-compressed",
  epub: "application/epub+zip",
  gz: "application/gzip",
  iso: "application/x-iso9660-image",
  json: "application/json",
  md: "text/plain; charset=utf-8",
  nfo: "text/plain; charset=utf-8",
  pdf: "application/pdf",
  rar: "application/vnd.rar",
  srt: "text/plain; charset=utf-8",
  tar: "application/x-tar",
  torrent: "application/x-bittorrent",
  txt: "text/plain; charset=utf-8",
  vtt: "text/vtt; charset=utf-8",
  zip: "application/zip",
};

/** How a file is declared to a browser. */
export interface ContentType {
  readonly type: string;
  /** Shown where it is; everything else is saved, and could run nothing if it were not. */
  readonly isMedia: boolean;
}

/** By the name's extension alone: what the bytes look like is the torrent's maker's to choose. */
export function contentTypeOf(name: string): ContentType {
  const extension = /\.([a-z0-9]{1,7})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  if (Object.hasOwn(MEDIA, extension)) return { type: MEDIA[extension]!, isMedia: true };
  const type = Object.hasOwn(OTHERS, extension) ? OTHERS[extension]! : "application/octet-stream";
  return { type, isMedia: false };
}

/**
 * A `Content-Disposition` (RFC 6266) with a name, whatever the name holds: quotes and line breaks would end the
 * header, so the plain form has none, and the extended one (RFC 8187) is percent-encoded.
 */
export function contentDisposition(kind: "inline" | "attachment", name: string): string {
  const plain = name.replaceAll(/[^\w .()+,-]/g, "_");
  const extended = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${extended}`;
}

/**
 * The headers that keep content apart from the pages of the same origin. Content is strangers': HTML, SVG or PDF of
 * a torrent that were shown there could act for whoever is signed in. `nosniff` keeps a browser from finding HTML in what
 * is called a picture.
 * @param mayBeEmbedded Whether pages of other origins may show it.
 */
export function contentHeaders(name: string, mayBeEmbedded: boolean): Record<string, string> {
  const { type, isMedia } = contentTypeOf(name);
  return {
    "content-type": type,
    "content-disposition": contentDisposition(isMedia ? "inline" : "attachment", name),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": mayBeEmbedded ? "cross-origin" : "same-origin",
    ...(isMedia ? {} : { "content-security-policy": "sandbox; default-src 'none'" }),
  };
}

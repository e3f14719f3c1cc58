import { createHash } from "node:crypto";
import { SaxesParser } from "saxes";
import { mendAmpersands } from "./decode-feed.ts";
import { FeedError } from "./feed-error.ts";

/** Feeds of a thousand items have half of this. */
export const MAX_FEED_BYTES = 8 * 1024 * 1024;
const MAX_ELEMENTS = 200_000;
const MAX_DEPTH = 32;
const MAX_ITEMS = 2000;
/** Kept of a field; magnet links with many trackers have some kilobytes. */
const MAX_FIELD_LENGTH = 8192;
const MAX_TITLE_LENGTH = 500;
const MAX_GUID_LENGTH = 500;
/** What feeds get wrong as a rule, such as HTML's entities, is passed over so often. */
const MAX_MISTAKES = 1000;
/** An enclosure's length is that of the torrent file, or of what it describes: below this it is taken as the former. */
const LEAST_CONTENT_BYTES = 2 * 1024 * 1024;

/** What a feed tells of one torrent. */
export interface ParsedItem {
  /** Stays the same from fetch to fetch. */
  readonly guid: string;
  readonly title: string;
  /** Magnet link, or http or https URL of a torrent file. */
  readonly source: string;
  readonly publishedAtMs: number | null;
  /** Of the content, as far as the feed says. */
  readonly sizeBytes: number | null;
}

export interface ParsedFeed {
  readonly title: string;
  /** In the order of the feed; those without anything to add are left out. */
  readonly items: readonly ParsedItem[];
}

/** Fields of an item as they come, by names of our own. */
type Fields = Map<string, string>;

const ATOM = "http://www.w3.org/2005/Atom";
const RSS_1 = "http://purl.org/rss/1.0/";
const DUBLIN_CORE = "http://purl.org/dc/elements/1.1/";
const EZRSS = "http://xmlns.ezrss.it/0.1/";
const PLAIN = new Set(["", ATOM, RSS_1]);
const ITEM_NAMES = new Set(["item", "entry"]);

/**
 * Reads a feed: RSS 0.9x, 1.0 and 2.0, or Atom, with what trackers add (ezRSS's `torrent`, Torznab's and Newznab's
 * attributes, nyaa's fields). Entities of the document's own are never expanded: one that declares any is refused.
 * @throws {FeedError} `not-a-feed`, or `too-large` beyond the bounds.
 */
export function parseFeed(text: string): ParsedFeed {
  if (text.length > MAX_FEED_BYTES) {
    throw new FeedError("too-large", `The feed has more than ${MAX_FEED_BYTES} characters.`);
  }
  const reader = new FeedReader();
  const parser = new SaxesParser({ xmlns: true });
  let elements = 0;
  let depth = 0;
  let mistakes = 0;
  parser.on("doctype", (doctype) => {
    if (/<!|\[/.test(doctype)) {
      throw new FeedError("not-a-feed", "The feed declares entities of its own: it is not read.");
    }
  });
  parser.on("error", (error) => {
    if (++mistakes > MAX_MISTAKES) throw error;
  });
  parser.on("opentag", ({ local, uri, attributes }) => {
    if (++elements > MAX_ELEMENTS || ++depth > MAX_DEPTH) {
      throw new FeedError(
        "too-large",
        "The feed has too many elements, or too many within each other.",
      );
    }
    const value = (name: string): string =>
      Object.values(attributes).find((each) => each.local === name)?.value ?? "";
    reader.open(local, uri, value);
  });
  parser.on("text", (part) => reader.text(part));
  parser.on("cdata", (part) => reader.text(part));
  parser.on("closetag", ({ local, uri }) => {
    depth--;
    reader.close(local, uri);
  });
  try {
    parser.write(mendAmpersands(text)).close();
  } catch (error) {
    if (error instanceof FeedError) throw error;
    throw new FeedError("not-a-feed", "This is no RSS or Atom feed.");
  }
  return reader.finish();
}

/** Gathers the fields of a feed and of its items from a walk through the elements. */
class FeedReader {
  #root: string | null = null;
  #title = "";
  #item: Fields | null = null;
  #itemDepth = 0;
  #depth = 0;
  #text = "";
  readonly #items: ParsedItem[] = [];

  open(name: string, uri: string, attribute: (name: string) => string): void {
    this.#root ??= name;
    this.#depth++;
    this.#text = "";
    if (this.#item === null && ITEM_NAMES.has(name) && PLAIN.has(uri)) {
      this.#item = new Map();
      this.#itemDepth = this.#depth;
    } else if (this.#item !== null) takeAttributes(this.#item, name, uri, attribute);
  }

  text(part: string): void {
    if (this.#text.length < MAX_FIELD_LENGTH) {
      this.#text = (this.#text + part).slice(0, MAX_FIELD_LENGTH);
    }
  }

  close(name: string, uri: string): void {
    const text = this.#text.trim();
    this.#text = "";
    if (this.#item !== null && this.#depth === this.#itemDepth) {
      const item = this.#items.length < MAX_ITEMS ? toItem(this.#item) : null;
      if (item !== null) this.#items.push(item);
      this.#item = null;
    } else if (this.#item !== null) takeText(this.#item, name, uri, text);
    else if (name === "title" && PLAIN.has(uri) && this.#depth <= 3) this.#title ||= toTitle(text);
    this.#depth--;
  }

  finish(): ParsedFeed {
    if (!["rss", "RDF", "feed"].includes(this.#root ?? "")) {
      throw new FeedError("not-a-feed", "This is no RSS or Atom feed.");
    }
    return { title: this.#title, items: this.#items };
  }
}

function takeAttributes(
  item: Fields,
  name: string,
  uri: string,
  attribute: (name: string) => string,
): void {
  if (PLAIN.has(uri) && name === "enclosure") takeEnclosure(item, attribute("url"), attribute);
  if (uri === ATOM && name === "link") {
    if (attribute("rel") === "enclosure") takeEnclosure(item, attribute("href"), attribute);
    else item.set("link", item.get("link") ?? attribute("href"));
  }
  // Torznab's and Newznab's, whatever the address of their namespace is.
  if (name === "attr" && /z?nab/i.test(uri)) {
    const known = { size: "size", magneturl: "magnet", infohash: "hash" }[attribute("name")];
    if (known !== undefined) item.set(known, attribute("value"));
  }
}

function takeEnclosure(item: Fields, url: string, attribute: (name: string) => string): void {
  const isTorrent =
    attribute("type") === "application/x-bittorrent" ||
    /^magnet:/i.test(url) ||
    /\.torrent(?:$|[?#])/i.test(url);
  if (url === "" || (!isTorrent && item.has("enclosure"))) return;
  item.set("enclosure", url);
  item.set("enclosure-length", attribute("length"));
}

function takeText(item: Fields, name: string, uri: string, text: string): void {
  if (text === "") return;
  if (PLAIN.has(uri)) {
    if (["title", "guid", "id"].includes(name)) item.set(name, text);
    if (name === "link" && uri !== ATOM) item.set("link", text);
    if (["pubDate", "published", "updated"].includes(name)) {
      item.set("date", name === "updated" ? (item.get("date") ?? text) : text);
    }
  } else if (uri === DUBLIN_CORE && name === "date") item.set("date", text);
  if (uri === EZRSS || (uri === "" && !PLAIN.has(name))) takeTorrentField(item, name, text);
  if (/nyaa/i.test(uri)) {
    if (name === "infoHash") item.set("hash", text);
    if (name === "size") item.set("size", text);
  }
}

function takeTorrentField(item: Fields, name: string, text: string): void {
  const known = { infoHash: "hash", magnetURI: "magnet", contentLength: "size" }[name];
  if (known !== undefined) item.set(known, text);
}

function toItem(fields: Fields): ParsedItem | null {
  const source = findSource(fields);
  if (source === null) return null;
  const title = toTitle(fields.get("title") ?? "");
  const identity = fields.get("guid") ?? fields.get("id") ?? source;
  const dateMs = Date.parse(fields.get("date") ?? "");
  return {
    guid:
      identity.length <= MAX_GUID_LENGTH
        ? identity
        : createHash("sha256").update(identity).digest("hex"),
    title: title === "" ? source.slice(0, MAX_TITLE_LENGTH) : title,
    source,
    publishedAtMs: Number.isFinite(dateMs) && dateMs >= 0 ? dateMs : null,
    sizeBytes: findSize(fields),
  };
}

/** A torrent file first, which has its trackers and needs no peers to be read; then magnet links; then a bare infohash. */
function findSource(fields: Fields): string | null {
  const [enclosure = "", link = "", magnet = ""] = ["enclosure", "link", "magnet"].map((name) =>
    fields.get(name),
  );
  const isMagnet = (url: string): boolean => /^magnet:/i.test(url);
  const isWeb = (url: string): boolean => /^https?:/.test(URL.parse(url)?.protocol ?? "");
  if (isWeb(enclosure)) return enclosure;
  const found = [magnet, enclosure, link].find(isMagnet);
  if (found !== undefined) return found;
  const hash = fields.get("hash")?.toLowerCase() ?? "";
  if (isWeb(link) && (hash === "" || /\.torrent(?:$|[?#])/i.test(link))) return link;
  if (/^[\da-f]{40}$/.test(hash)) return `magnet:?xt=urn:btih:${hash}`;
  if (/^[\da-f]{64}$/.test(hash)) return `magnet:?xt=urn:btmh:1220${hash}`;
  return null;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  bytes: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

function findSize(fields: Fields): number | null {
  const size = /^(\d{1,15}(?:\.\d{1,9})?)\s{0,9}([a-z]{0,5})$/i.exec(fields.get("size") ?? "");
  const unit = UNITS[size?.[2]?.toLowerCase() ?? "-"];
  if (size !== null && unit !== undefined) return Math.round(Number(size[1]) * unit);
  const length = fields.get("enclosure-length") ?? "";
  const isContent = /^\d{1,15}$/.test(length) && Number(length) >= LEAST_CONTENT_BYTES;
  return isContent ? Number(length) : null;
}

/** One line, without what steers a terminal or disguises a name. */
function toTitle(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_TITLE_LENGTH)
    .toWellFormed();
}

import {
  BENCODE_LIMITS,
  createHttpTargetJudge,
  concatBytes,
  type FileNameRules,
  fromHex,
  type Magnet,
  type Metainfo,
  parseMagnet,
  parseMetainfo,
} from "@shoal/protocol";
import { HttpError, type HttpClient } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import type { SourceName } from "./addition.ts";

const INFO_HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
const TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 5;
/** The parser takes no more. */
const MAX_TORRENT_FILE_BYTES = BENCODE_LIMITS.torrent.lengthBytes;

/**
 * Reads what names a torrent; a URL is fetched.
 * @throws {NodeError} `bad-request`; {BencodeError|MetainfoError|MagnetError} when it cannot be read.
 */
export async function readSource(
  source: SourceName,
  world: { readonly http: HttpClient; readonly fileNames: FileNameRules },
): Promise<Metainfo | Magnet> {
  const { http, fileNames } = world;
  if (source instanceof Uint8Array) return parseMetainfo(source, { fileNames });
  if (typeof source !== "string") return source;
  const text = source.trim();
  if (INFO_HASH.test(text)) return magnetOf(fromHex(text.toLowerCase()));
  if (!/^https?:/i.test(text)) return parseMagnet(text);
  return parseMetainfo(await fetchTorrentFile(text, http), { fileNames });
}

function magnetOf(infoHash: Uint8Array): Magnet {
  const isV1 = infoHash.length === 20;
  return {
    infoHashV1: isV1 ? infoHash : null,
    infoHashV2: isV1 ? null : infoHash,
    name: null,
    trackers: [],
    webSeeds: [],
    peers: [],
    selectOnly: null,
  };
}

/** A torrent file from the web. Who asks may name any host; a public one may not lead into a private network. */
async function fetchTorrentFile(url: string, http: HttpClient): Promise<Uint8Array> {
  if (!URL.canParse(url)) throw new NodeError("bad-request", "This URL cannot be read.");
  const judge = createHttpTargetJudge(() => true);
  const parts: Uint8Array[] = [];
  let lengthBytes = 0;
  try {
    const response = await http.request({
      url,
      timeoutMs: TIMEOUT_MS,
      maxRedirects: MAX_REDIRECTS,
      allow(target) {
        if (judge(target) !== null) {
          throw new NodeError("bad-request", "This URL leads into a private network.");
        }
      },
    });
    if (response.status !== 200) {
      const text = `${new URL(url).host} answered with status ${response.status}: check the URL.`;
      throw new NodeError("bad-request", text);
    }
    for await (const part of response.body) {
      lengthBytes += part.length;
      if (lengthBytes > MAX_TORRENT_FILE_BYTES) {
        throw new NodeError("bad-request", "What is at this URL is too long for a torrent file.");
      }
      parts.push(part);
    }
  } catch (cause) {
    if (!(cause instanceof HttpError)) throw cause;
    throw new NodeError("bad-request", `The torrent file could not be fetched: ${cause.message}`, {
      cause,
    });
  }
  return concatBytes(parts);
}

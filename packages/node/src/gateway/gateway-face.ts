import type { Settings } from "@shoal/api";
import type { Torrent } from "@shoal/engine";
import { type Metainfo, toHex } from "@shoal/protocol";
import type { Clock, HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import { type ContentServer, isComplete } from "../content/content-server.ts";
import { NodeError } from "../errors.ts";
import type { Face } from "../faces/face.ts";
import { metainfoOf, rouse } from "../torrents/look-into-torrent.ts";
import type { Torrents } from "../torrents/torrents.ts";
import { viewFolder } from "./folder-view.ts";
import { listingPage, noticePage, refusalPage } from "./gateway-pages.ts";
import { GATEWAY_PREFIX, parseGatewayPath } from "./gateway-path.ts";
import type { LiveDenyList } from "./live-deny-list.ts";
import type { FoundFile } from "./pieces-root-index.ts";

/** A place is not held for long by what no peer has. */
const PATIENCE_MS = 60_000;
const WAKE_MS = 3000;
/** Content never changes under its hash. */
const CACHE_CONTROL = "public, max-age=31536000, immutable";

export interface GatewayInit {
  readonly torrents: Torrents;
  readonly content: ContentServer;
  readonly settings: { readonly current: Settings };
  readonly denyList: LiveDenyList;
  /** Which files have a pieces root. */
  readonly index: { find(piecesRoot: Uint8Array): Promise<readonly FoundFile[]> };
  readonly clock: Clock;
}

/**
 * Content of this node's torrents for everybody, by infohash or CID, where the settings turn it on. Private torrents,
 * files that are skipped, and what is denied are not passed on.
 */
export function createGatewayFace(init: GatewayInit): Face {
  const { settings } = init;
  return {
    owns(path) {
      const isOurs = path === GATEWAY_PREFIX || path.startsWith(`${GATEWAY_PREFIX}/`);
      return isOurs && settings.current.web.gateway;
    },
    maxBodyBytes: () => 0,
    async handle(request) {
      const { abuseContact } = settings.current.web;
      try {
        return withSharing(await answer(init, request));
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        if (error.status === 404) return refusalPage(404, abuseContact);
        return {
          status: error.status,
          headers: { "content-type": "text/plain; charset=utf-8", "retry-after": "30" },
          body: Buffer.from(error.message),
        };
      }
    },
  };
}

async function answer(init: GatewayInit, request: HttpServerRequest): Promise<HttpServerResponse> {
  const { torrents, settings, denyList, index } = init;
  const { abuseContact } = settings.current.web;
  if (!["GET", "HEAD"].includes(request.method)) return refusalPage(405, abuseContact);
  const [path = "", query = ""] = request.target.split("?");
  const target = parseGatewayPath(path);
  if (target === null) return refusalPage(400, abuseContact);
  if (target.kind === "notice") return noticePage(abuseContact);
  const denied = denyList.current;
  if (denied === null) {
    throw new NodeError("unavailable", "The list of what is not served cannot be read.");
  }
  if (target.kind === "file") {
    const { piecesRoot } = target;
    if (denied.denies({ infoHashes: [], piecesRoot })) return refusalPage(451, abuseContact);
    for (const { torrent, fileIndex } of await index.find(piecesRoot)) {
      const metainfo = await openTorrent(torrent, init.clock);
      if (metainfo === null || !isOffered(torrent, fileIndex)) continue;
      if (denied.denies({ infoHashes: hashesOf(metainfo), piecesRoot })) {
        return refusalPage(451, abuseContact);
      }
      return serve(init, request, torrent, metainfo, fileIndex);
    }
    return refusalPage(404, abuseContact);
  }
  const { infoHash } = target;
  if (denied.denies({ infoHashes: [infoHash], piecesRoot: null })) {
    return refusalPage(451, abuseContact);
  }
  const torrent = torrents.session.find(infoHash);
  const metainfo = torrent === undefined ? null : await openTorrent(torrent, init.clock);
  if (torrent === undefined || metainfo === null) return refusalPage(404, abuseContact);
  const view = viewFolder(metainfo, target.path);
  const piecesRoot = view?.kind === "file" ? metainfo.files[view.fileIndex]!.piecesRoot : null;
  if (denied.denies({ infoHashes: hashesOf(metainfo), piecesRoot })) {
    return refusalPage(451, abuseContact);
  }
  if (view === null) return refusalPage(404, abuseContact);
  if (view.kind === "file") {
    if (!isOffered(torrent, view.fileIndex)) return refusalPage(404, abuseContact);
    return serve(init, request, torrent, metainfo, view.fileIndex);
  }
  const from = Number(/(?:^|&)from=(\d{1,7})(?:&|$)/.exec(query)?.[1] ?? 0);
  const { path: folder } = target;
  return listingPage({
    infoHash,
    name: metainfo.name,
    path: folder,
    entries: view.entries,
    from,
    abuseContact,
  });
}

/** @returns Null where the metadata is missing, and for private torrents: their content is for who their tracker lets in. */
async function openTorrent(torrent: Torrent, clock: Clock): Promise<Metainfo | null> {
  await rouse(torrent, clock);
  if (torrent.isAsleep && isComplete(torrent)) await wakeSeed(torrent, clock);
  const metainfo = await metainfoOf(torrent);
  return metainfo === null || metainfo.isPrivate ? null : metainfo;
}

/** A seed that waits in the queue sleeps on: which of its files are skipped is known once it is awake. */
async function wakeSeed(torrent: Torrent, clock: Clock): Promise<void> {
  const patience = new AbortController();
  const timer = clock.setTimer(WAKE_MS, () => patience.abort());
  try {
    await torrent.wake();
    await torrent.whenReady(patience.signal);
  } catch {
    // Its files are not offered then.
  } finally {
    timer.cancel();
  }
}

/** A stranger must not have this node fetch what its user does not want. */
function isOffered(torrent: Torrent, fileIndex: number): boolean {
  return torrent.files[fileIndex]?.wanted === true;
}

function hashesOf({ v1, v2 }: Metainfo): string[] {
  return [v1, v2].flatMap((version) => (version === null ? [] : [toHex(version.infoHash)]));
}

function serve(
  { content }: GatewayInit,
  request: HttpServerRequest,
  torrent: Torrent,
  metainfo: Metainfo,
  fileIndex: number,
): HttpServerResponse {
  return content.serve(request, {
    torrent,
    metainfo,
    fileIndex,
    cacheControl: CACHE_CONTROL,
    mayBeEmbedded: true,
    patienceMs: PATIENCE_MS,
  });
}

/** It is for everybody, and nothing of it depends on who asks: pages of any origin may read it, without credentials. */
function withSharing(response: HttpServerResponse): HttpServerResponse {
  return {
    ...response,
    headers: {
      ...response.headers,
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "accept-ranges, content-length, content-range, etag",
    },
  };
}

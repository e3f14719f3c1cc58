import type { Clock } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import type { Handlers } from "../rest/handlers.ts";
import { metainfoOf, rouse } from "../torrents/look-into-torrent.ts";
import type { Torrents } from "../torrents/torrents.ts";
import type { ContentServer } from "./content-server.ts";

/** A player waits as long as its user does. */
const PATIENCE_MS = 10 * 60_000;

/** What the operations on content do. */
export function createContentHandlers(init: {
  readonly torrents: Torrents;
  readonly content: ContentServer;
  readonly clock: Clock;
}): Pick<Handlers, "getContent"> {
  const { torrents, content, clock } = init;
  return {
    async getContent({ infoHash, index }, { request }) {
      const torrent = torrents.find(infoHash);
      await rouse(torrent, clock);
      const metainfo = await metainfoOf(torrent);
      if (metainfo === null) {
        const text = "Its metadata is not here yet: wait until a peer has sent it.";
        throw new NodeError("conflict", text);
      }
      return content.serve(request, {
        torrent,
        metainfo,
        fileIndex: index,
        // Whoever signs out has nothing of it left to look at without asking.
        cacheControl: "private, no-cache",
        mayBeEmbedded: false,
        patienceMs: PATIENCE_MS,
      });
    },
  };
}

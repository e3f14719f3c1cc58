import type { FilePriority } from "@shoal/engine";
import type { Input } from "@shoal/api";
import { NodeError } from "../errors.ts";
import { type SourceName, withoutUndefined } from "../torrents/addition.ts";
import type { Torrents } from "../torrents/torrents.ts";
import type { Handlers } from "./handlers.ts";

type TorrentHandlers = Omit<
  Pick<Handlers, Extract<keyof Handlers, `${string}Torrent${string}`>>,
  "importTorrents"
> &
  Pick<
    Handlers,
    | "inspectSource"
    | "getPieces"
    | "listFiles"
    | "changeFiles"
    | "renameFile"
    | "listPeers"
    | "addPeers"
    | "listTrackers"
    | "addTracker"
    | "listWebSeeds"
    | "addWebSeed"
    | "removeWebSeed"
    | "listCategories"
    | "setCategory"
    | "removeCategory"
  >;

const SKIP = 0;

/** The operations on torrents and their categories. */
export function createTorrentHandlers(torrents: Torrents): TorrentHandlers {
  const find = ({ infoHash }: { readonly infoHash: string }) => torrents.find(infoHash);
  return {
    listTorrents: (query) => torrents.list(query),
    async addTorrent({ source, skipFiles, ...addition }) {
      const priorities = new Map<number, FilePriority>(skipFiles?.map((index) => [index, SKIP]));
      const torrent = await torrents.add({ ...addition, source: readName(source), priorities });
      return torrents.summary(torrent);
    },
    inspectSource: (source) => torrents.inspect(readName(source)),
    actOnTorrents: ({ infoHashes, action }) => torrents.actOn(infoHashes, action),
    getTorrent: (input) => torrents.detail(find(input)),
    async changeTorrent({ infoHash, ...change }) {
      const torrent = torrents.find(infoHash);
      await torrents.change(torrent, change);
      return await torrents.detail(torrent);
    },
    async removeTorrent({ infoHash, deleteFiles }) {
      await torrents.remove(torrents.find(infoHash), { deleteFiles });
      return {};
    },
    async moveTorrent({ infoHash, folder }) {
      await torrents.move(torrents.find(infoHash), folder);
      return {};
    },
    async exportTorrent(input) {
      const torrent = find(input);
      return {
        status: 200,
        headers: {
          "content-type": "application/x-bittorrent",
          "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(torrent.name)}.torrent`,
        },
        body: await torrents.exportFile(torrent),
      };
    },
    getPieces: (input) => torrents.pieces(find(input)),

    listFiles: async (input) => ({ files: await torrents.files(find(input)) }),
    async changeFiles({ infoHash, files, priority }) {
      const torrent = torrents.find(infoHash);
      await torrents.setFilePriority(torrent, files, priority as FilePriority);
      return { files: await torrents.files(torrent) };
    },
    async renameFile({ infoHash, index, path }) {
      await torrents.renameFile(torrents.find(infoHash), index, path);
      return {};
    },

    listPeers: (input) => ({ peers: torrents.peers(find(input)) }),
    async addPeers({ infoHash, peers }) {
      await torrents.addPeers(torrents.find(infoHash), peers);
      return {};
    },
    listTrackers: (input) => ({ trackers: torrents.trackers(find(input)) }),
    addTracker({ infoHash, url }) {
      torrents.addTracker(torrents.find(infoHash), url);
      return {};
    },
    listWebSeeds: (input) => ({ webSeeds: torrents.webSeeds(find(input)) }),
    addWebSeed({ infoHash, url }) {
      torrents.addWebSeed(torrents.find(infoHash), url);
      return {};
    },
    removeWebSeed({ infoHash, url }) {
      torrents.removeWebSeed(torrents.find(infoHash), url);
      return {};
    },

    listCategories: () => ({ categories: torrents.listCategories() }),
    async setCategory({ name, shareLimits, ...change }) {
      await torrents.setCategory(name, {
        ...withoutUndefined(change),
        ...(shareLimits === undefined ? {} : { shareLimits: withoutUndefined(shareLimits) }),
      });
      return torrents.listCategories().find((category) => category.name === name)!;
    },
    async removeCategory({ name }) {
      await torrents.removeCategory(name);
      return {};
    },
  };
}

/** @throws {NodeError} `bad-request` for what is no base64. */
function readName({ magnet, torrentFile, url }: Input<"inspectSource">): SourceName {
  if (torrentFile === undefined) return magnet ?? url!;
  if (!/^[\w+/-]*={0,2}$/.test(torrentFile)) {
    throw new NodeError("bad-request", "torrentFile: expected base64 without line breaks.", {
      reason: "not-base64",
    });
  }
  return Buffer.from(torrentFile, "base64");
}

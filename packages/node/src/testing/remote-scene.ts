import { type Scope, SCOPES, type Settings, settings as schema } from "@shoal/api";
import { createSession } from "@shoal/engine";
import type { HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { Caller } from "../access/caller.ts";
import { NodeError } from "../errors.ts";
import type { Face } from "../faces/face.ts";
import { createRemoteControl } from "../remote/create-remote-control.ts";
import type { RemoteControl } from "../remote/remote-control.ts";
import type { Handlers } from "../rest/handlers.ts";
import { withoutUndefined } from "../torrents/addition.ts";
import { Torrents } from "../torrents/torrents.ts";
import type { SampleTorrent } from "./sample-torrent.ts";

/** A request of some program; what is absent is as in most. */
export interface Asked {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly scopes?: readonly Scope[];
  readonly caller?: Caller["kind"];
}

/** The daemon's torrents on a simulated host, with what the interfaces of other clients are made of. */
export interface RemoteScene {
  readonly world: SimWorld;
  readonly host: SimHost;
  readonly torrents: Torrents;
  readonly handlers: Handlers;
  readonly control: RemoteControl & { close(): void };
  readonly stops: () => number;
  ask(face: Face, asked: Asked): Promise<HttpServerResponse & { readonly body: Uint8Array }>;
  /** Puts a torrent's content where the daemon looks for it. */
  place(sample: SampleTorrent, folder?: string): void;
}

export async function withRemote(
  seed: number,
  run: (scene: RemoteScene) => Promise<void>,
): Promise<void> {
  await withWorld({ seed }, async (world) => {
    const host = world.host({ address: "10.0.0.1" });
    const kept: { current: Settings } = { current: schema.parse({}) };
    let stopCount = 0;
    const open = async () => {
      const session = await createSession({ runtime: host, restore: true });
      const init = { runtime: host, settings: kept, session, defaultFolder: "/downloads" };
      const torrents = await Torrents.open(init);
      const control = await createRemoteControl({
        torrents,
        runtime: host,
        startedAtMs: host.clock.nowMs(),
        stop: () => (stopCount += 1),
      });
      return { torrents, control };
    };
    const { torrents, control } = await world.complete(open());
    await run({
      world,
      host,
      torrents,
      control,
      handlers: createHandlers(torrents, kept),
      stops: () => stopCount,
      place({ metainfo, contents }, folder = "/downloads") {
        metainfo.files.forEach(({ path }, index) => {
          host.files.write([folder, ...path].join("/"), contents[index]!);
        });
      },
      ask: async (face, asked) =>
        (await world.complete(Promise.resolve(face.handle(...toRequest(asked))))) as never,
    });
  });
}

function toRequest(asked: Asked): [HttpServerRequest, Caller] {
  const { method = "POST", target, headers = {}, body = "" } = asked;
  const { scopes = SCOPES, caller: kind = "session" } = asked;
  const request = {
    method,
    target,
    headers,
    body: typeof body === "string" ? Buffer.from(body) : body,
    remote: { address: "127.0.0.1", port: 40_000 },
    transport: "tcp",
    signal: new AbortController().signal,
  } as const;
  return [request, { kind, scopes: new Set(kind === "nobody" ? [] : scopes) }];
}

/** The operations that other clients' interfaces use, on these torrents. */
function createHandlers(torrents: Torrents, kept: { current: Settings }): Handlers {
  const find = (infoHash: string) => torrents.find(infoHash);
  const handlers: Partial<Handlers> = {
    listTorrents: (query) => torrents.list(query),
    getTorrent: ({ infoHash }) => torrents.detail(find(infoHash)),
    addTorrent: async ({ source, skipFiles, ...options }) => {
      const torrent = await torrents.add({
        ...options,
        source: bytesOf(source),
        priorities: new Map((skipFiles ?? []).map((index) => [index, 0])),
      });
      return torrents.summary(torrent);
    },
    inspectSource: (source) => torrents.inspect(bytesOf(source)),
    actOnTorrents: ({ infoHashes, action }) => torrents.actOn(infoHashes, action),
    changeTorrent: async ({ infoHash, ...change }) => {
      await torrents.change(find(infoHash), change);
      return await torrents.detail(find(infoHash));
    },
    moveTorrent: async ({ infoHash, folder }) => {
      await torrents.move(find(infoHash), folder);
      return {};
    },
    listFiles: async ({ infoHash }) => ({ files: await torrents.files(find(infoHash)) }),
    changeFiles: async ({ infoHash, files, priority }) => {
      await torrents.setFilePriority(find(infoHash), files, priority as 0);
      return { files: await torrents.files(find(infoHash)) };
    },
    renameFile: async ({ infoHash, index, path }) => {
      await torrents.renameFile(find(infoHash), index, path);
      return {};
    },
    listPeers: ({ infoHash }) => ({ peers: torrents.peers(find(infoHash)) }),
    listTrackers: ({ infoHash }) => ({ trackers: torrents.trackers(find(infoHash)) }),
    addTracker: ({ infoHash, url }) => {
      torrents.addTracker(find(infoHash), url);
      return {};
    },
    listWebSeeds: ({ infoHash }) => ({ webSeeds: torrents.webSeeds(find(infoHash)) }),
    getPieces: ({ infoHash }) => torrents.pieces(find(infoHash)),
    listCategories: () => ({ categories: torrents.listCategories() }),
    setCategory: async ({ name, ...change }) => {
      await torrents.setCategory(name, withoutUndefined(change) as object);
      return torrents.listCategories().find((category) => category.name === name)!;
    },
    removeCategory: async ({ name }) => {
      await torrents.removeCategory(name);
      return {};
    },
    getSettings: () => ({ settings: kept.current, waitingForRestart: [] }),
    changeSettings: (change) => {
      const sections = Object.entries(kept.current).map(([name, section]) => [
        name,
        { ...section, ...change[name as keyof typeof change] },
      ]);
      kept.current = schema.parse(Object.fromEntries(sections));
      return { settings: kept.current, waitingForRestart: [] };
    },
    getNode: () => ({
      version: "0.1.0",
      startedAtMs: 0,
      dataFolder: "/data",
      downloadFolder: torrents.downloadFolder,
      memoryBytes: 0,
      isFirstRun: false,
      chain: null,
    }),
    getTransfer: () => ({
      downloadRate: 0,
      uploadRate: 0,
      downloadLimit: kept.current.speed.downloadLimit,
      uploadLimit: kept.current.speed.uploadLimit,
      downloadedBytes: 0,
      uploadedBytes: 0,
      freeDiskBytes: 2 ** 40,
      torrents: torrents.summaries.length,
      active: 0,
      peers: 0,
      dhtNodes: null,
      port: torrents.session.port,
      reachable: "unknown",
    }),
  };
  return new Proxy(handlers as Handlers, {
    get(target, name) {
      const handler = Reflect.get(target, name) as unknown;
      if (handler !== undefined) return handler;
      throw new NodeError("not-found", `This scene has no operation ${String(name)}.`);
    },
  });
}

function bytesOf(source: {
  readonly magnet?: string | undefined;
  readonly torrentFile?: string | undefined;
  readonly url?: string | undefined;
}): Uint8Array | string {
  const { torrentFile, magnet, url } = source;
  return torrentFile === undefined ? (magnet ?? url ?? "") : Buffer.from(torrentFile, "base64");
}

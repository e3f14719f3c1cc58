import { createContentHandlers } from "../content/content-handlers.ts";
import { ContentServer } from "../content/content-server.ts";
import { createGatewayFace } from "../gateway/gateway-face.ts";
import { LiveDenyList } from "../gateway/live-deny-list.ts";
import { PiecesRootIndex } from "../gateway/pieces-root-index.ts";
import { CompletionHooks } from "../hooks/completion-hooks.ts";
import { WatchFolders } from "../watch/watch-folders.ts";
import type { DaemonCore, DaemonPart } from "./daemon-core.ts";

/** Streaming of files, and the gateway, which share the places of readers. */
export async function openContent(core: DaemonCore): Promise<DaemonPart> {
  const { torrents, settings, runtime, files } = core;
  const { clock, log, store } = runtime;
  const content = new ContentServer({ clock, log });
  const denyList = new LiveDenyList({ files, clock, log });
  let index: PiecesRootIndex | null = null;
  const apply = async (): Promise<void> => {
    const { gateway, denyList: path } = settings.current.web;
    await denyList.use(gateway ? path : null);
    // Only those who want it have all their torrents looked through.
    if (gateway) index ??= await PiecesRootIndex.open(store, torrents.session, log);
  };
  let applied = apply();
  await applied;
  const stop = settings.on(() => {
    applied = applied.then(apply).catch((error: unknown) => {
      log.error("changed settings of the gateway could not be applied", { error });
    });
  });
  const face = createGatewayFace({
    ...{ torrents, content, settings, denyList, clock },
    index: {
      async find(piecesRoot) {
        await applied;
        return (await index?.find(piecesRoot)) ?? [];
      },
    },
  });
  return {
    handlers: createContentHandlers({ torrents, content, clock }),
    faces: [face],
    async close() {
      stop();
      await applied;
      await denyList.close();
      await index?.close();
    },
  };
}

/** Folders whose torrent files and magnet links are added as they appear. */
export function openWatchedFolders(core: DaemonCore): DaemonPart {
  const { torrents, settings, runtime, files } = core;
  const { clock, log } = runtime;
  const folders = new WatchFolders({ files, torrents, clock, log });
  folders.use(settings.current.downloads.watchFolders);
  const stop = settings.on((now) => folders.use(now.downloads.watchFolders));
  return {
    async close() {
      stop();
      await folders.close();
    },
  };
}

/** The user's program, run when a torrent is complete. */
export async function openCompletionHooks(core: DaemonCore): Promise<DaemonPart> {
  const { torrents, settings, runtime, programs } = core;
  const { store, log } = runtime;
  const hooks = await CompletionHooks.open({ torrents, settings, store, programs, log });
  return { close: () => hooks.close() };
}

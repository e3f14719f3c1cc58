import type { OpenPart } from "../daemon/daemon-core.ts";
import { importTorrents } from "../import/import-torrents.ts";
import { createQbittorrentFace } from "../qbittorrent/qbittorrent-face.ts";
import { createTransmissionFace } from "../transmission/transmission-face.ts";
import { createRemoteControl } from "./create-remote-control.ts";

/** Other clients: their interfaces, as far as the settings have them switched on, and what is taken over from them. */
export const openRemotePart: OpenPart = async (core) => {
  const { torrents, runtime, startedAtMs, settings, access, files, stop } = core;
  const control = await createRemoteControl({ torrents, runtime, startedAtMs, stop });
  const { tags } = control;
  return {
    handlers: {
      importTorrents: (input) =>
        importTorrents(input, { torrents, tags, files, store: runtime.store }),
    },
    facesOver: (handlers) => [
      createTransmissionFace({
        handlers,
        control,
        isOn: () => settings.current.web.transmissionRpc,
      }),
      createQbittorrentFace({
        handlers,
        control,
        access,
        isOn: () => settings.current.web.qbittorrentApi,
      }),
    ],
    close: () => control.close(),
  };
};

import type { Answer, EventData } from "@shoal/api/client";

export type Torrent = Answer<"listTorrents">["torrents"][number];
export type TorrentDelta = EventData<"torrents">["changed"][number];
export type TorrentsEvent = EventData<"torrents">;

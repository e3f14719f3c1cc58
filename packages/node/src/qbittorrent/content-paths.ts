import { basename } from "node:path";
import type { Detail, TorrentView } from "../remote/torrent-view.ts";

/**
 * Where torrents' content lies: a file, or a root folder. Of a torrent that sleeps the name is remembered, so that its
 * metadata need not be read each time that somebody lists ten thousand.
 */
export class ContentPaths {
  readonly #names = new Map<string, string>();

  async of(view: TorrentView): Promise<string> {
    const traits = view.traits();
    const { infoHash } = view;
    if (traits.contentPath !== null) this.#names.set(infoHash, basename(traits.contentPath));
    else if (view.summary.state === "metadata") return placeIn(traits, traits.name);
    else if (!this.#names.has(infoHash)) {
      const { contentPath, name } = await view.detail();
      this.#names.set(infoHash, contentPath === null ? name : basename(contentPath));
    }
    return placeIn(traits, this.#names.get(infoHash)!);
  }

  forget(infoHash: string): void {
    this.#names.delete(infoHash);
  }
}

/**
 * Always something below the folder: Sonarr takes a content path that is the folder itself for a misconfiguration. Before the
 * metadata is here, the name that the link gives has to do.
 */
function placeIn({ folder }: Pick<Detail, "folder">, name: string): string {
  return `${folder.replace(/[/\\]+$/, "")}/${name.replace(/[/\\]/g, "_")}`;
}

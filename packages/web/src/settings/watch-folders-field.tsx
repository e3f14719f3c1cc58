import type { Settings } from "@shoal/api/client";
import { CheckField, TextField } from "../parts/field.tsx";
import { CategoryField } from "../torrents/category-field.tsx";
import { words } from "../words/words.ts";
import { RowsField } from "./rows-field.tsx";

type WatchFolder = Settings["downloads"]["watchFolders"][number];

const EMPTY: WatchFolder = { path: "", folder: null, category: null, paused: false };

/** Folders that are watched, each with what becomes of the torrents in it. */
export function WatchFoldersField({
  value,
  onChange,
}: {
  readonly value: readonly WatchFolder[];
  readonly onChange: (value: readonly WatchFolder[]) => void;
}) {
  const say = words.value;
  const orNull = (text: string): string | null => (text.trim() === "" ? null : text);
  return (
    <RowsField
      value={value}
      empty={EMPTY}
      addText={say.addWatchedFolder}
      nameOf={say.watchedFolder}
      onChange={onChange}
      fields={(folder, change) => (
        <div class="cards">
          <TextField
            label={say.watchedPath}
            required
            placeholder="/home/me/torrents"
            value={folder.path}
            onValue={(path) => change({ path })}
          />
          <TextField
            label={say.watchedTarget}
            placeholder={say.asSettings}
            value={folder.folder ?? ""}
            onValue={(text) => change({ folder: orNull(text) })}
          />
          <CategoryField
            value={folder.category ?? ""}
            onChange={(text) => change({ category: orNull(text) })}
          />
        </div>
      )}
      beside={(folder, change) => (
        <CheckField
          label={say.addPaused}
          isOn={folder.paused}
          onChange={(paused) => change({ paused })}
        />
      )}
    />
  );
}

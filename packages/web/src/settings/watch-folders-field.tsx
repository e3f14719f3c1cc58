import type { Settings } from "@shoal/api/client";
import { CheckField, TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { CategoryField } from "../torrents/category-field.tsx";
import { words } from "../words/words.ts";

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
  const change = (index: number, part: Partial<WatchFolder>): void =>
    onChange(value.map((each, place) => (place === index ? { ...each, ...part } : each)));
  const orNull = (text: string): string | null => (text.trim() === "" ? null : text);
  return (
    <>
      {value.map((folder, index) => (
        <fieldset key={index} class="card sunken">
          <legend class="unseen">{say.watchedFolder(index + 1)}</legend>
          <div class="cards">
            <TextField
              label={say.watchedPath}
              required
              placeholder="/home/me/torrents"
              value={folder.path}
              onValue={(path) => change(index, { path })}
            />
            <TextField
              label={say.watchedTarget}
              placeholder={say.asSettings}
              value={folder.folder ?? ""}
              onValue={(text) => change(index, { folder: orNull(text) })}
            />
            <CategoryField
              value={folder.category ?? ""}
              onChange={(text) => change(index, { category: orNull(text) })}
            />
          </div>
          <div class="row spread">
            <CheckField
              label={say.addPaused}
              isOn={folder.paused}
              onChange={(paused) => change(index, { paused })}
            />
            <button
              type="button"
              class="button plain"
              aria-label={say.removeThis(say.watchedFolder(index + 1))}
              onClick={() => onChange(value.filter((_, place) => place !== index))}
            >
              <Icon name="trash" />
              {say.remove}
            </button>
          </div>
        </fieldset>
      ))}
      <div>
        <button type="button" class="button" onClick={() => onChange([...value, EMPTY])}>
          <Icon name="add" />
          {say.addWatchedFolder}
        </button>
      </div>
    </>
  );
}

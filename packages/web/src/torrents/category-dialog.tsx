import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { Dialog } from "../parts/dialog.tsx";
import { attempt } from "../state/notices.ts";
import { words } from "../words/words.ts";
import { CategoryField } from "./category-field.tsx";

/** Puts torrents into a category; an empty name takes them out of theirs. */
export function CategoryDialog({
  infoHashes,
  onClose,
}: {
  readonly infoHashes: readonly string[];
  readonly onClose: () => void;
}) {
  const name = useSignal("");
  const say = words.value;
  const set = async (): Promise<void> => {
    const category = name.value.trim() === "" ? null : name.value.trim();
    const went = await attempt(async () => {
      if (category !== null) await api.call("setCategory", { name: category });
      for (const infoHash of infoHashes) await api.call("changeTorrent", { infoHash, category });
    });
    if (went) onClose();
  };
  return (
    <Dialog
      title={say.setCategoryOf(infoHashes.length)}
      onClose={onClose}
      onSubmit={() => void set()}
      foot={
        <>
          <button type="button" class="button" onClick={onClose}>
            {say.cancel}
          </button>
          <button type="submit" class="button primary">
            {say.set}
          </button>
        </>
      }
    >
      <CategoryField
        value={name.value}
        onChange={(value) => {
          name.value = value;
        }}
      />
    </Dialog>
  );
}

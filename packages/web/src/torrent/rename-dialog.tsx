import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { describeError } from "../state/notices.ts";
import { words } from "../words/words.ts";

/** Gives a file another name, on the disk too. */
export function RenameDialog({
  infoHash,
  file,
  onClose,
}: {
  readonly infoHash: string;
  readonly file: { readonly index: number; readonly path: string };
  readonly onClose: () => void;
}) {
  const say = words.value;
  const path = useSignal(file.path);
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const rename = async (): Promise<void> => {
    isBusy.value = true;
    problem.value = null;
    try {
      await api.call("renameFile", { infoHash, index: file.index, path: path.value.trim() });
      onClose();
    } catch (error) {
      problem.value = describeError(error);
    }
    isBusy.value = false;
  };
  return (
    <Dialog
      title={say.rename}
      onClose={onClose}
      onSubmit={() => void rename()}
      foot={
        <>
          <button type="button" class="button" onClick={onClose}>
            {say.cancel}
          </button>
          <button
            type="submit"
            class="button primary"
            disabled={isBusy.value || path.value.trim() === "" || path.value === file.path}
          >
            {say.rename}
          </button>
        </>
      }
    >
      <TextField
        label={say.newName}
        hint={say.newNameHint}
        required
        autofocus
        value={path.value}
        onValue={(value) => {
          path.value = value;
        }}
      />
      <Problem text={problem.value} />
    </Dialog>
  );
}

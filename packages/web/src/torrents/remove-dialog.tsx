import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { Dialog } from "../parts/dialog.tsx";
import { CheckField } from "../parts/field.tsx";
import { attempt } from "../state/notices.ts";
import { torrentOf } from "../state/live.ts";
import { words } from "../words/words.ts";

const NAMED = 5;

/** Asks before torrents go, by name, and whether what they fetched goes too. */
export function RemoveDialog({
  infoHashes,
  onClose,
  onDone,
}: {
  readonly infoHashes: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const withFiles = useSignal(false);
  const isBusy = useSignal(false);
  const say = words.value;
  const remove = async (): Promise<void> => {
    isBusy.value = true;
    const action = withFiles.value ? "remove-with-files" : "remove";
    const went = await attempt(
      async () => api.call("actOnTorrents", { infoHashes: [...infoHashes], action }),
      say.removed(infoHashes.length),
    );
    isBusy.value = false;
    if (went) onDone();
  };
  return (
    <Dialog
      title={say.removeTorrents(infoHashes.length)}
      onClose={onClose}
      onSubmit={() => void remove()}
      foot={
        <>
          <button type="button" class="button" onClick={onClose}>
            {say.cancel}
          </button>
          <button type="submit" class="button danger" disabled={isBusy.value}>
            {withFiles.value ? say.removeWithFiles : say.remove}
          </button>
        </>
      }
    >
      <ul class="stack-s">
        {infoHashes.slice(0, NAMED).map((infoHash) => (
          <li key={infoHash} class="wrap-anywhere">
            <bdi>{torrentOf(infoHash)?.name ?? infoHash}</bdi>
          </li>
        ))}
        {infoHashes.length > NAMED && (
          <li class="quiet">{say.andMore(infoHashes.length - NAMED)}</li>
        )}
      </ul>
      <CheckField
        label={say.deleteFilesToo}
        isOn={withFiles.value}
        onChange={(isOn) => {
          withFiles.value = isOn;
        }}
      />
      {withFiles.value && <p class="callout bad">{say.deleteFilesWarning}</p>}
    </Dialog>
  );
}

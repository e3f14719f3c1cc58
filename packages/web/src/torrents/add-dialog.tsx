import { useSignal } from "@preact/signals";
import type { Answer } from "@shoal/api/client";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Dialog } from "../parts/dialog.tsx";
import { CheckField, Field, TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { transfer } from "../state/live.ts";
import { describeError, tell } from "../state/notices.ts";
import { node } from "../state/session.ts";
import { words } from "../words/words.ts";
import { CategoryField } from "./category-field.tsx";
import { PickFiles } from "./pick-files.tsx";
import { type Source, sourceOfFile, sourcesInText } from "./sources.ts";

type Inspected = Answer<"inspectSource">;

/** Adds torrents from links and files; a single one is looked into first. */
export function AddDialog({
  given,
  onClose,
}: {
  /** What was dropped or pasted before it opened. */
  readonly given: readonly Source[];
  readonly onClose: () => void;
}) {
  const say = words.value;
  const text = useSignal("");
  const files = useSignal<readonly Source[]>(given);
  const inspected = useSignal<Inspected | null>(null);
  const problem = useSignal<string | null>(null);
  const skipped = useSignal<ReadonlySet<number>>(new Set());
  const folder = useSignal("");
  const category = useSignal("");
  const paused = useSignal(false);
  const sequential = useSignal(false);
  const isBusy = useSignal(false);
  const chooser = useRef<HTMLInputElement>(null);
  const sources = [...files.value, ...sourcesInText(text.value)];
  const only = sources.length === 1 ? sources[0] : undefined;
  const onlyKey = only === undefined ? "" : JSON.stringify(only.source);

  useEffect(() => {
    inspected.value = null;
    problem.value = null;
    skipped.value = new Set();
    if (only === undefined) return undefined;
    const stopping = new AbortController();
    const inspect = async (): Promise<void> => {
      try {
        inspected.value = await api.call("inspectSource", only.source, stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) problem.value = describeError(error);
      }
    };
    const timer = setTimeout(() => void inspect(), 200);
    return () => {
      clearTimeout(timer);
      stopping.abort();
    };
  }, [onlyKey]);

  const choose = async (chosen: FileList | null): Promise<void> => {
    for (const file of chosen ?? []) {
      try {
        files.value = [...files.value, await sourceOfFile(file)];
      } catch {
        tell(say.fileTooLarge(file.name), "bad");
      }
    }
  };
  const add = async (): Promise<void> => {
    isBusy.value = true;
    let added = 0;
    for (const { label, source } of sources) {
      try {
        await api.call("addTorrent", {
          source,
          ...(folder.value !== "" && { folder: folder.value }),
          ...(category.value !== "" && { category: category.value }),
          ...(only !== undefined && skipped.value.size > 0 && { skipFiles: [...skipped.value] }),
          paused: paused.value,
          sequential: sequential.value,
        });
        added++;
      } catch (error) {
        tell(`${label}: ${describeError(error)}`, "bad");
      }
    }
    isBusy.value = false;
    if (added > 0) tell(say.addedTorrents(added));
    if (added === sources.length) onClose();
  };

  return (
    <Dialog
      title={say.addTorrents}
      isWide
      onClose={onClose}
      onSubmit={() => void add()}
      foot={
        <>
          <FreeDisk needed={neededBytes(inspected.value, skipped.value)} />
          <button type="button" class="button" onClick={onClose}>
            {say.cancel}
          </button>
          <button
            type="submit"
            class="button primary"
            disabled={sources.length === 0 || isBusy.value}
          >
            {sources.length > 1 ? say.addMany(sources.length) : say.add}
          </button>
        </>
      }
    >
      <Field label={say.linksLabel} hint={say.linksHint}>
        {(tie) => (
          <textarea
            {...tie}
            rows={3}
            autofocus
            spellcheck={false}
            placeholder="magnet:?xt=urn:btih:…"
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <div class="row">
        <button type="button" class="button" onClick={() => chooser.current?.click()}>
          <Icon name="folder" />
          {say.chooseFiles}
        </button>
        <input
          ref={chooser}
          type="file"
          accept=".torrent,application/x-bittorrent"
          multiple
          hidden
          onChange={(event) => void choose(event.currentTarget.files)}
        />
      </div>
      {files.value.length > 0 && (
        <ul class="pick-files">
          {files.value.map((file) => (
            <li key={file.label}>
              <bdi class="wrap-anywhere">{file.label}</bdi>
              <button
                type="button"
                class="button link"
                onClick={() => {
                  files.value = files.value.filter((each) => each !== file);
                }}
              >
                {say.takeOut}
              </button>
            </li>
          ))}
        </ul>
      )}
      {problem.value !== null && (
        <p class="callout bad" role="alert">
          {problem.value}
        </p>
      )}
      {inspected.value !== null && <PickFiles inspected={inspected.value} skipped={skipped} />}
      <div class="cards">
        <TextField
          label={say.folder}
          value={folder.value}
          placeholder={node.value?.downloadFolder ?? ""}
          onValue={(value) => {
            folder.value = value;
          }}
        />
        <CategoryField
          value={category.value}
          onChange={(value) => {
            category.value = value;
          }}
        />
      </div>
      <CheckField
        label={say.addPaused}
        isOn={paused.value}
        onChange={(isOn) => {
          paused.value = isOn;
        }}
      />
      <CheckField
        label={say.sequential}
        hint={say.sequentialHint}
        isOn={sequential.value}
        onChange={(isOn) => {
          sequential.value = isOn;
        }}
      />
    </Dialog>
  );
}

function neededBytes(inspected: Inspected | null, skipped: ReadonlySet<number>): number {
  if (inspected === null) return 0;
  if (inspected.files.length === 0) return inspected.sizeBytes ?? 0;
  return inspected.files.reduce(
    (sum, { lengthBytes }, index) => (skipped.has(index) ? sum : sum + lengthBytes),
    0,
  );
}

function FreeDisk({ needed }: { readonly needed: number }) {
  const free = transfer.value?.freeDiskBytes ?? null;
  if (free === null) return <span class="grow" />;
  const { bytes } = format.value;
  return needed > free ? (
    <span class="grow small bad" role="alert">
      {words.value.diskTooFull(bytes(needed), bytes(free))}
    </span>
  ) : (
    <span class="grow small quiet">{words.value.diskFree(bytes(free))}</span>
  );
}

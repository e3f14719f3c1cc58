import { useSignal } from "@preact/signals";
import { type Answer, describeRequest } from "@shoal/api/client";
import { addressOf, api, place } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { Problem } from "../parts/problem.tsx";
import { ProgressBar } from "../parts/progress-bar.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt } from "../state/notices.ts";
import { may } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { RenameDialog } from "./rename-dialog.tsx";

type File = Answer<"listFiles">["files"][number];

const FILES_MS = 3000;
const SHOWN_FILES = 2000;
/** Skip, low, normal, high, first; of the eight that there are. */
const PRIORITIES = [0, 1, 4, 6, 7] as const;

/** A torrent's files: how much of each is wanted, and a way to watch or fetch it. */
export function FilesTab({ infoHash }: { readonly infoHash: string }) {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listFiles", { infoHash }), [infoHash], FILES_MS);
  const playing = useSignal<File | null>(null);
  const renaming = useSignal<File | null>(null);
  const { bytes, percent } = format.value;
  const files = asked.data.value?.files;
  if (files === undefined) return <Problem text={asked.problem.value} onRetry={asked.refresh} />;
  if (files.length === 0) return <Empty icon="folder" title={say.filesAfterMetadata} />;
  const setPriority = (indexes: readonly number[], priority: number): void => {
    void attempt(async () => {
      await api.call("changeFiles", { infoHash, files: [...indexes], priority });
      asked.refresh();
    });
  };
  const target = (file: File): string =>
    addressOf(describeRequest("getContent", { infoHash, index: file.index }).target);
  // Elements that play cannot send a key, so with one there is nothing to play or to follow.
  const canStream = place.value.key === null;
  return (
    <div class="stack">
      {playing.value !== null && (
        <section class="stack-s" aria-label={say.player}>
          <div class="row spread">
            <h2>
              <bdi>{playing.value.path}</bdi>
            </h2>
            <button
              type="button"
              class="button"
              onClick={() => {
                playing.value = null;
              }}
            >
              {say.close}
            </button>
          </div>
          <video class="player" controls autoplay src={target(playing.value)} />
        </section>
      )}
      {may("torrents") && (
        <div class="row">
          <button
            type="button"
            class="button link"
            onClick={() =>
              setPriority(
                files.map(({ index }) => index),
                4,
              )
            }
          >
            {say.wantAll}
          </button>
          <button
            type="button"
            class="button link"
            onClick={() =>
              setPriority(
                files.map(({ index }) => index),
                0,
              )
            }
          >
            {say.skipAll}
          </button>
        </div>
      )}
      <SortTable
        name={say.tabs.files}
        rows={files.slice(0, SHOWN_FILES)}
        keyOf={({ index }) => index}
        columns={[
          {
            id: "path",
            head: say.name,
            by: ({ path }) => path,
            isLong: true,
            cell: ({ path }) => <bdi>{path}</bdi>,
          },
          {
            id: "size",
            head: say.size,
            by: ({ lengthBytes }) => lengthBytes,
            isEnd: true,
            cell: ({ lengthBytes }) => bytes(lengthBytes),
          },
          {
            id: "progress",
            head: say.progress,
            by: (file) => doneOf(file),
            cell: (file) => (
              <div class="progress-cell">
                <span>{percent(doneOf(file))}</span>
                <ProgressBar fraction={doneOf(file)} kind={file.priority === 0 ? "paused" : ""} />
              </div>
            ),
          },
          {
            id: "priority",
            head: say.priority,
            by: ({ priority }) => priority,
            cell: (file) => (
              <select
                aria-label={say.priorityOf(file.path)}
                value={String(nearestPriority(file.priority))}
                disabled={!may("torrents")}
                onChange={(event) => setPriority([file.index], Number(event.currentTarget.value))}
              >
                {PRIORITIES.map((priority) => (
                  <option key={priority} value={String(priority)}>
                    {say.priorities[priority]}
                  </option>
                ))}
              </select>
            ),
          },
          {
            id: "open",
            head: "",
            isEnd: true,
            cell: (file) => (
              <span class="tags end">
                {canStream && file.isMedia && (
                  <button
                    type="button"
                    class="button plain square"
                    aria-label={say.playFile(file.path)}
                    title={say.play}
                    onClick={() => {
                      playing.value = file;
                    }}
                  >
                    <Icon name="play" />
                  </button>
                )}
                {may("torrents") && (
                  <button
                    type="button"
                    class="button plain square"
                    aria-label={say.renameFile(file.path)}
                    title={say.rename}
                    onClick={() => {
                      renaming.value = file;
                    }}
                  >
                    <Icon name="edit" />
                  </button>
                )}
                {canStream && (
                  <a
                    class="button plain square"
                    href={target(file)}
                    target="_blank"
                    rel="noreferrer"
                    aria-label={say.openFile(file.path)}
                    title={say.open}
                  >
                    <Icon name="external" />
                  </a>
                )}
              </span>
            ),
          },
        ]}
      />
      {renaming.value !== null && (
        <RenameDialog
          infoHash={infoHash}
          file={renaming.value}
          onClose={() => {
            renaming.value = null;
            asked.refresh();
          }}
        />
      )}
      {files.length > SHOWN_FILES && <p class="quiet">{say.andMore(files.length - SHOWN_FILES)}</p>}
    </div>
  );
}

const doneOf = ({ doneBytes, lengthBytes }: File): number =>
  lengthBytes === 0 ? 1 : doneBytes / lengthBytes;

function nearestPriority(priority: number): (typeof PRIORITIES)[number] {
  return PRIORITIES.findLast((each) => each <= priority) ?? 0;
}

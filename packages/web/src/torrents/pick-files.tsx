import type { Signal } from "@preact/signals";
import type { Answer } from "@shoal/api/client";
import { format } from "../format/format.ts";
import { words } from "../words/words.ts";

/** More rows would make the dialog slow, and nobody ticks that many; all of them are fetched. */
const SHOWN_FILES = 500;

/** What a source holds, and which of its files are wanted. */
export function PickFiles({
  inspected,
  skipped,
}: {
  readonly inspected: Answer<"inspectSource">;
  readonly skipped: Signal<ReadonlySet<number>>;
}) {
  const say = words.value;
  const { files, name, sizeBytes, isKnown } = inspected;
  const { bytes } = format.value;
  const want = (index: number, isWanted: boolean): void => {
    const next = new Set(skipped.value);
    if (isWanted) next.delete(index);
    else next.add(index);
    skipped.value = next;
  };
  return (
    <fieldset class="stack-s">
      <legend class="label">
        <bdi>{name}</bdi>
        {sizeBytes !== null && ` · ${bytes(sizeBytes)}`}
      </legend>
      {isKnown && <p class="callout warn">{say.alreadyKnown}</p>}
      {files.length === 0 ? (
        <p class="quiet small">{say.filesAfterMetadata}</p>
      ) : (
        <>
          <div class="row">
            <button
              type="button"
              class="button link"
              onClick={() => {
                skipped.value = new Set();
              }}
            >
              {say.all}
            </button>
            <button
              type="button"
              class="button link"
              onClick={() => {
                skipped.value = new Set(files.keys());
              }}
            >
              {say.none}
            </button>
            <span class="quiet small">
              {say.filesChosen(files.length - skipped.value.size, files.length)}
            </span>
          </div>
          <ul class="pick-files" tabIndex={0}>
            {files.slice(0, SHOWN_FILES).map(({ path, lengthBytes }, index) => (
              <li key={path}>
                <label class="check grow">
                  <input
                    type="checkbox"
                    checked={!skipped.value.has(index)}
                    onChange={(event) => want(index, event.currentTarget.checked)}
                  />
                  <bdi class="wrap-anywhere">{path}</bdi>
                </label>
                <span class="quiet">{bytes(lengthBytes)}</span>
              </li>
            ))}
            {files.length > SHOWN_FILES && <li>{say.andMore(files.length - SHOWN_FILES)}</li>}
          </ul>
        </>
      )}
    </fieldset>
  );
}

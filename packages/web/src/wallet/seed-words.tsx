import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { TextField } from "../parts/field.tsx";
import { words } from "../words/words.ts";
import { placesToAsk } from "./places-to-ask.ts";

const ASKED_WORDS = 3;

/** The words of a new wallet: the one copy that there is. */
export function ShowWords({
  text,
  onNext,
}: {
  readonly text: string;
  readonly onNext: () => void;
}) {
  const say = words.value;
  return (
    <div class="stack">
      <h2>{say.writeWordsDown}</h2>
      <p class="callout warn">{say.wordsWarning}</p>
      <ol class="seed-words">
        {text.split(" ").map((word, index) => (
          <li key={index}>{word}</li>
        ))}
      </ol>
      <p class="small quiet">{say.wordsHint}</p>
      <div>
        <button type="button" class="button primary large" onClick={onNext}>
          {say.wordsWritten}
        </button>
      </div>
    </div>
  );
}

/** Some of the words are asked back: whoever cannot give them has not written them down. */
export function CheckWords({
  text,
  onBack,
  onDone,
}: {
  readonly text: string;
  readonly onBack: () => void;
  readonly onDone: () => void;
}) {
  const say = words.value;
  const all = text.split(" ");
  const places = useMemo(() => placesToAsk(all.length, ASKED_WORDS, Math.random), [text]);
  const given = useSignal<Readonly<Record<number, string>>>({});
  const isChecked = useSignal(false);
  const isRight = (place: number): boolean =>
    (given.value[place] ?? "").trim().toLowerCase() === all[place];
  return (
    <div class="stack">
      <h2>{say.checkWords}</h2>
      <p class="quiet">{say.checkWordsHint}</p>
      {places.map((place) => (
        <TextField
          key={place}
          label={say.wordNumber(place + 1)}
          autocomplete="off"
          required
          value={given.value[place] ?? ""}
          problem={isChecked.value && !isRight(place) ? say.wordWrong : null}
          onValue={(value) => {
            isChecked.value = false;
            given.value = { ...given.value, [place]: value };
          }}
        />
      ))}
      <div class="row">
        <button
          type="button"
          class="button primary large"
          onClick={() => {
            isChecked.value = true;
            if (places.every(isRight)) onDone();
          }}
        >
          {say.next}
        </button>
        <button type="button" class="button plain large" onClick={onBack}>
          {say.showWordsAgain}
        </button>
      </div>
    </div>
  );
}

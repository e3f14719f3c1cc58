import { words } from "../words/words.ts";

/** What the daemon said instead of an answer, with a way to ask again. */
export function Problem({
  text,
  onRetry,
}: {
  readonly text: string | null;
  readonly onRetry?: () => void;
}) {
  if (text === null) return null;
  return (
    <div class="callout bad" role="alert">
      <span class="grow">{text}</span>
      {onRetry !== undefined && (
        <button type="button" class="button link" onClick={onRetry}>
          {words.value.tryAgain}
        </button>
      )}
    </div>
  );
}

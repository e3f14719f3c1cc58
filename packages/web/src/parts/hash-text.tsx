import { tell } from "../state/notices.ts";
import { words } from "../words/words.ts";
import { Icon } from "./icon.tsx";

/** Puts text where the next paste takes it from, and says so; a page without that right says that. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(words.peek().copied);
  } catch {
    tell(words.peek().copyFailed, "bad");
  }
}

/** An address, a hash or another text that nobody types, with a button that copies all of it. */
export function HashText({
  text,
  name,
  isWhole = false,
  href = null,
}: {
  readonly text: string;
  /** What it is, for the button's name. */
  readonly name: string;
  /** Shown in all its length instead of its ends. */
  readonly isWhole?: boolean;
  readonly href?: string | null;
}) {
  const shown = isWhole || text.length <= 20 ? text : `${text.slice(0, 8)}…${text.slice(-6)}`;
  return (
    <span class={`hash ${isWhole ? "whole" : ""}`}>
      {href === null ? (
        <code title={text}>{shown}</code>
      ) : (
        <a href={href} target="_blank" rel="noreferrer">
          <code title={text}>{shown}</code>
        </a>
      )}
      <button
        type="button"
        class="button plain square"
        aria-label={words.value.copyThis(name)}
        title={words.value.copyThis(name)}
        onClick={() => void copy(text)}
      >
        <Icon name="copy" />
      </button>
    </span>
  );
}

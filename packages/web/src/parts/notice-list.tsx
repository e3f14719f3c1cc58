import { dismiss, notices } from "../state/notices.ts";
import { words } from "../words/words.ts";
import { Icon } from "./icon.tsx";

/** What has just happened, at the edge of the page and read aloud. */
export function NoticeList() {
  return (
    <div class="notices" role="log" aria-live="polite" aria-label={words.value.notices}>
      {notices.value.map(({ id, tone, text }) => (
        <div key={id} class={`notice ${tone}`}>
          <span class="grow">{text}</span>
          <button
            type="button"
            class="button plain square"
            aria-label={words.value.close}
            onClick={() => dismiss(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}

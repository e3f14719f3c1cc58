import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { tell } from "../state/notices.ts";
import { words } from "../words/words.ts";
import { type Source, sourceOfFile, sourcesInText } from "./sources.ts";

/** Takes what is dropped anywhere on the page, or pasted outside a field. */
export function DropZone({
  onSources,
}: {
  readonly onSources: (sources: readonly Source[]) => void;
}) {
  const isOver = useSignal(false);
  useEffect(() => {
    const take = async (data: DataTransfer | null): Promise<void> => {
      const text = data?.getData("text/uri-list") || data?.getData("text/plain") || "";
      const files = [...(data?.files ?? [])];
      const sources: Source[] = files.length > 0 ? [] : sourcesInText(text);
      for (const file of files) {
        try {
          sources.push(await sourceOfFile(file));
        } catch {
          tell(words.peek().fileTooLarge(file.name), "bad");
        }
      }
      if (sources.length > 0) onSources(sources);
      else if (files.length === 0) tell(words.peek().nothingToAdd, "bad");
    };
    const listening = new AbortController();
    const options = { signal: listening.signal };
    document.addEventListener(
      "dragover",
      (event) => {
        event.preventDefault();
        isOver.value = true;
      },
      options,
    );
    document.addEventListener(
      "dragleave",
      (event) => {
        if (event.relatedTarget === null) isOver.value = false;
      },
      options,
    );
    document.addEventListener(
      "drop",
      (event) => {
        event.preventDefault();
        isOver.value = false;
        void take(event.dataTransfer);
      },
      options,
    );
    document.addEventListener(
      "paste",
      (event) => {
        const { target } = event;
        const isTyping =
          target instanceof HTMLElement && target.closest("input, textarea, dialog") !== null;
        if (!isTyping) void take(event.clipboardData);
      },
      options,
    );
    return () => listening.abort();
  }, [onSources]);
  return isOver.value ? <div class="drop">{words.value.dropHere}</div> : null;
}

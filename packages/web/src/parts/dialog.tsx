import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { words } from "../words/words.ts";
import { Icon } from "./icon.tsx";

export interface DialogProps {
  readonly title: string;
  readonly isWide?: boolean;
  /** Called by Escape, by the cross, and by whatever else closes it. */
  readonly onClose: () => void;
  /** Called when its form is sent: with Enter too. */
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
  /** Buttons; one of them with type `submit`. */
  readonly foot: ComponentChildren;
}

/** The browser's own dialog: the rest of the page cannot be reached, and focus goes back where it came from. */
export function Dialog({ title, isWide, onClose, onSubmit, children, foot }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const opened = dialog.current;
    const before = document.activeElement;
    opened?.showModal();
    return () => {
      opened?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide === true ? "wide" : ""}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <header class="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button
            type="button"
            class="button plain square"
            aria-label={words.value.close}
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        <div class="dialog-body">{children}</div>
        <footer class="dialog-foot">{foot}</footer>
      </form>
    </dialog>
  );
}

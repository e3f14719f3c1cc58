import type { ComponentChildren } from "preact";
import { Dialog } from "../parts/dialog.tsx";
import { isPopUp } from "../state/pop-up.ts";

/** A dialog over whatever is there, or the whole of the small window that a site has opened. */
export function RequestFrame({
  title,
  onClose,
  onSubmit,
  foot,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  readonly foot: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  if (!isPopUp) {
    return (
      <Dialog title={title} onClose={onClose} onSubmit={onSubmit} foot={foot}>
        {children}
      </Dialog>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <header class="dialog-head">
        <h1>{title}</h1>
      </header>
      <div class="dialog-body">{children}</div>
      <footer class="dialog-foot">{foot}</footer>
    </form>
  );
}

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

export interface MenuItem {
  readonly text: string;
  readonly icon?: IconName;
  readonly onPick: () => void;
}

/** A button that shows more buttons; Escape, a click elsewhere and a choice close it. */
export function Menu({
  name,
  items,
  isDisabled = false,
}: {
  readonly name: string;
  readonly items: readonly MenuItem[];
  readonly isDisabled?: boolean;
}) {
  const isOpen = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen.value) return undefined;
    const onPointer = (event: Event): void => {
      if (!(event.target instanceof Node) || box.current?.contains(event.target) !== true)
        isOpen.value = false;
    };
    document.addEventListener("pointerdown", onPointer);
    box.current?.querySelector<HTMLButtonElement>("ul button")?.focus();
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [isOpen.value]);
  const move = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      isOpen.value = false;
      opener.current?.focus();
      return;
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || !isOpen.value) return;
    event.preventDefault();
    const buttons = [...(box.current?.querySelectorAll<HTMLButtonElement>("ul button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div class="menu" ref={box} onKeyDown={move}>
      <button
        type="button"
        ref={opener}
        class="button square"
        aria-label={name}
        title={name}
        aria-expanded={isOpen.value}
        disabled={isDisabled}
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        <Icon name="more" />
      </button>
      {isOpen.value && (
        <ul>
          {items.map(({ text, icon, onPick }) => (
            <li key={text}>
              <button
                type="button"
                class="button plain"
                onClick={() => {
                  isOpen.value = false;
                  opener.current?.focus();
                  onPick();
                }}
              >
                {icon !== undefined && <Icon name={icon} />}
                {text}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

/** What stands where nothing is yet: why, and what to do next. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

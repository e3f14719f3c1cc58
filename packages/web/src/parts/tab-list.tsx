/** Links to the parts of a page; the one that is shown is marked. */
export function TabList({
  name,
  tabs,
  current,
}: {
  readonly name: string;
  readonly tabs: readonly { readonly id: string; readonly text: string; readonly href: string }[];
  readonly current: string;
}) {
  return (
    <nav class="tabs" aria-label={name}>
      {tabs.map(({ id, text, href }) => (
        <a key={id} class="tab" href={href} aria-current={id === current ? "page" : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}

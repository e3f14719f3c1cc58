/** How much of something there is. @param kind A state of torrents, which colours it. */
export function ProgressBar({
  fraction,
  kind = "",
  name,
}: {
  readonly fraction: number;
  readonly kind?: string;
  /** Without one it is a picture beside the same figure in words. */
  readonly name?: string;
}) {
  const told =
    name === undefined
      ? ({ "aria-hidden": true } as const)
      : ({
          role: "progressbar",
          "aria-label": name,
          "aria-valuemin": 0,
          "aria-valuemax": 100,
          "aria-valuenow": Math.floor(fraction * 100),
        } as const);
  return (
    <div class={`bar ${kind}`} {...told}>
      <span style={{ transform: `scaleX(${Math.min(Math.max(fraction, 0), 1)})` }} />
    </div>
  );
}

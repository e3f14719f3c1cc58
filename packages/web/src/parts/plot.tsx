import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";

/** One line of a plot. Values stand beside the plot's times, in their order. */
export interface PlotLine {
  readonly name: string;
  /** A custom property of the style, such as `--down`. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly isDashed?: boolean;
  readonly isFilled?: boolean;
}

export interface PlotProps {
  /** Seconds since 1970, rising. */
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
  readonly heightPx?: number;
  readonly formatValue: (value: number) => string;
  /** Marks stand at powers of two, as bytes are counted. */
  readonly isBinary?: boolean;
  readonly locale: string;
  /** What can be read from it, in words, for those who do not see it. */
  readonly summary: string;
  readonly onCursor?: (index: number | null) => void;
}

const POWERS_OF_TWO = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** A plot over time; uPlot draws it, and nothing else of the page knows that. */
export function Plot(props: PlotProps) {
  const { times, lines, heightPx = 260, summary, locale } = props;
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<UPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = `${locale} ${lines.map(({ name, colour }) => name + colour).join()}`;
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const plot = draw(element, latest, heightPx);
    drawn.current = plot;
    const resized = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: heightPx });
    });
    resized.observe(element);
    const recolour = new MutationObserver(() => plot.redraw());
    recolour.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      recolour.disconnect();
      plot.destroy();
      drawn.current = null;
    };
  }, [shape, heightPx]);
  useEffect(() => drawn.current?.setData(dataOf(latest.current)), [times, lines]);
  return <div ref={box} class="plot" role="img" aria-label={summary} />;
}

function dataOf({ times, lines }: PlotProps): UPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])];
}

function draw(element: HTMLElement, latest: { current: PlotProps }, heightPx: number): UPlot {
  const colour = (name: string) => () =>
    getComputedStyle(document.documentElement).getPropertyValue(name);
  const { lines, locale } = latest.current;
  const timeOnly = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const withSeconds = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  const withDay = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" });
  const axis = {
    stroke: colour("--ink-3"),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  } as const;
  return new UPlot(
    {
      width: element.clientWidth,
      height: heightPx,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
      axes: [
        {
          ...axis,
          size: 32,
          space: 90,
          values: (_plot, marks, _at, _space, stepS) =>
            marks.map((mark) =>
              (stepS >= 86_400 ? withDay : stepS < 60 ? withSeconds : timeOnly).format(mark * 1000),
            ),
        },
        {
          ...axis,
          size: 84,
          space: 44,
          ...(latest.current.isBinary === true && { incrs: POWERS_OF_TWO }),
          values: (_plot, marks) => marks.map((mark) => latest.current.formatValue(mark)),
        },
      ],
      series: [
        {},
        ...lines.map(({ colour: name, isDashed, isFilled }) => ({
          stroke: colour(name),
          width: isDashed === true ? 1 : 1.75,
          ...(isDashed === true && { dash: [6, 4] }),
          ...(isFilled === true && { fill: () => `${colour(name)()}22` }),
          points: { show: false },
        })),
      ],
      hooks: {
        setCursor: [(plot) => latest.current.onCursor?.(plot.cursor.idx ?? null)],
      },
    },
    dataOf(latest.current),
    element,
  );
}

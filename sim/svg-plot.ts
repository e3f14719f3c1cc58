/** A line of a plot: its points, in the units of the axes. */
export interface Curve {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** For bounds, beside what was measured. */
  readonly isDashed?: boolean;
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 60;
const RIGHT = 20;
const TOP = 30;
const BOTTOM = 50;
const TICKS = 5;

/** Draws curves over two axes from 0, as an SVG document. The same curves give the same bytes. */
export function drawPlot(plot: {
  readonly title: string;
  readonly x: { readonly label: string; readonly most: number };
  readonly y: { readonly label: string; readonly most: number };
  readonly curves: readonly Curve[];
}): string {
  const { x, y } = plot;
  const toX = (value: number) => round(LEFT + (value / x.most) * (WIDTH - LEFT - RIGHT));
  const toY = (value: number) =>
    round(HEIGHT - BOTTOM - (value / y.most) * (HEIGHT - TOP - BOTTOM));
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(WIDTH / 2, 18, plot.title, 'text-anchor="middle" font-size="14"'),
  ];
  for (let tick = 0; tick <= TICKS; tick++) {
    const [atX, atY] = [(x.most * tick) / TICKS, (y.most * tick) / TICKS];
    parts.push(
      line(toX(atX), toY(0), toX(atX), toY(y.most), "#ddd"),
      line(toX(0), toY(atY), toX(x.most), toY(atY), "#ddd"),
      text(toX(atX), HEIGHT - BOTTOM + 16, `${round(atX)}`, 'text-anchor="middle"'),
      text(LEFT - 6, toY(atY) + 4, `${round(atY)}`, 'text-anchor="end"'),
    );
  }
  parts.push(
    text(WIDTH / 2, HEIGHT - 12, x.label, 'text-anchor="middle"'),
    text(14, HEIGHT / 2, y.label, `text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})"`),
  );
  for (const [index, { label, colour, points, isDashed }] of plot.curves.entries()) {
    const places = points.map(([atX, atY]) => `${toX(atX)},${toY(atY)}`).join(" ");
    const dash = isDashed === true ? ' stroke-dasharray="5 4"' : "";
    const legendY = TOP + 14 + index * 16;
    parts.push(
      `<polyline points="${places}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
      line(LEFT + 10, legendY - 4, LEFT + 34, legendY - 4, colour, `stroke-width="2"${dash}`),
      text(LEFT + 40, legendY, label, ""),
    );
  }
  return `${[...parts, "</svg>"].join("\n")}\n`;
}

function line(
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  colour: string,
  more = "",
): string {
  return `<line x1="${fromX}" y1="${fromY}" x2="${toX}" y2="${toY}" stroke="${colour}" ${more}/>`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

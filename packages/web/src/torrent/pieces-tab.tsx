import { useEffect, useRef } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Problem } from "../parts/problem.tsx";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { readAvailability, readBitfield, toCells } from "./piece-runs.ts";

const PIECES_MS = 2000;
const CELL_PX = 10;
const ROWS = 12;

/** Which pieces are here and which can be had, as a picture and in words. */
export function PiecesTab({
  infoHash,
  pieceLengthBytes,
}: {
  readonly infoHash: string;
  readonly pieceLengthBytes: number | undefined;
}) {
  const say = words.value;
  const asked = useAnswer(async () => api.call("getPieces", { infoHash }), [infoHash], PIECES_MS);
  const answer = asked.data.value;
  if (answer === null) return <Problem text={asked.problem.value} onRetry={asked.refresh} />;
  const have = readBitfield(answer.have, answer.pieceCount);
  const availability = readAvailability(answer.availability, answer.pieceCount);
  const here = have.reduce((sum, bit) => sum + bit, 0);
  const missing = have.length - here;
  const nowhere = have.reduce(
    (sum, bit, piece) => sum + (bit === 0 && availability[piece] === 0 ? 1 : 0),
    0,
  );
  const { number, bytes } = format.value;
  const summary = say.pieceMap(number(here), number(have.length), number(nowhere));
  return (
    <section class="card" aria-label={say.tabs.pieces}>
      <PieceMap have={have} availability={availability} summary={summary} />
      <div class="legend">
        <span>
          <i class="swatch have" />
          {say.pieceHave} {number(here)}
        </span>
        <span>
          <i class="swatch common" />
          {say.pieceAtPeers} {number(missing - nowhere)}
        </span>
        <span>
          <i class="swatch" />
          {say.pieceNowhere} {number(nowhere)}
        </span>
        {pieceLengthBytes !== undefined && (
          <span class="quiet">{say.pieceLength(bytes(pieceLengthBytes))}</span>
        )}
      </div>
      <p class="small quiet">{summary}</p>
    </section>
  );
}

function PieceMap({
  have,
  availability,
  summary,
}: {
  readonly have: Uint8Array;
  readonly availability: Uint8Array;
  readonly summary: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const draw = (): void => drawMap(element, have, availability);
    draw();
    const resized = new ResizeObserver(draw);
    resized.observe(element);
    return () => resized.disconnect();
  });
  return <canvas ref={canvas} class="piece-map" role="img" aria-label={summary} />;
}

function drawMap(canvas: HTMLCanvasElement, have: Uint8Array, availability: Uint8Array): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  context.scale(devicePixelRatio, devicePixelRatio);
  const style = getComputedStyle(document.documentElement);
  const accent = style.getPropertyValue("--accent");
  const grey = style.getPropertyValue("--ink-3");
  const columns = Math.max(Math.floor(width / CELL_PX), 1);
  const cells = toCells(have, availability, columns * ROWS);
  const rows = Math.min(ROWS, Math.ceil(cells.length / columns));
  const perRow = Math.ceil(cells.length / rows);
  const cellWidth = width / perRow;
  const cellHeight = height / rows;
  for (const [index, cell] of cells.entries()) {
    const x = (index % perRow) * cellWidth;
    const y = Math.floor(index / perRow) * cellHeight;
    if (cell.have < 1 && cell.rarest > 0) {
      context.globalAlpha = Math.min(0.15 + cell.rarest * 0.06, 0.5);
      context.fillStyle = grey;
      context.fillRect(x, y, cellWidth - 1, cellHeight - 1);
    }
    if (cell.have > 0) {
      context.globalAlpha = 0.25 + cell.have * 0.75;
      context.fillStyle = accent;
      context.fillRect(x, y, cellWidth - 1, cellHeight - 1);
    }
  }
}

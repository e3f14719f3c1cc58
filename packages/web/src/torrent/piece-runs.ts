/** What a torrent has, as bytes: 1 for a piece that is here. */
export function readBitfield(base64: string, pieceCount: number): Uint8Array {
  const binary = atob(base64);
  return Uint8Array.from({ length: pieceCount }, (_, piece) => {
    const byte = binary.charCodeAt(piece >> 3);
    return Number.isNaN(byte) ? 0 : (byte >> (7 - (piece & 7))) & 1;
  });
}

/** How many peers have each piece. */
export function readAvailability(base64: string, pieceCount: number): Uint8Array {
  const binary = atob(base64);
  return Uint8Array.from({ length: pieceCount }, (_, piece) => binary.charCodeAt(piece) || 0);
}

/** One cell of a map that has fewer cells than there are pieces. */
export interface MapCell {
  /** Share of its pieces that are here, 0 to 1. */
  readonly have: number;
  /** The fewest peers that have one of its missing pieces: the piece that is hardest to get. */
  readonly rarest: number;
}

/** Draws pieces together, so that a map of `cells` shows all of them. */
export function toCells(
  have: Uint8Array,
  availability: Uint8Array,
  cells: number,
): readonly MapCell[] {
  const count = Math.min(cells, have.length);
  return Array.from({ length: count }, (_, cell) => {
    const from = Math.floor((cell * have.length) / count);
    const to = Math.floor(((cell + 1) * have.length) / count);
    let here = 0;
    let rarest = 255;
    for (let piece = from; piece < to; piece++) {
      if (have[piece] === 1) here++;
      else rarest = Math.min(rarest, availability[piece] ?? 0);
    }
    return { have: here / (to - from), rarest };
  });
}

import type { Code, Local } from "./wasm-assembler.ts";
import { FunctionBuilder, add, bytes16, get, i32, i32Add, load } from "./wasm-assembler.ts";
import { shuffle, swizzle } from "./wasm-assembler.ts";
import { CHUNK_BYTES, LANES, STATE_OFFSET } from "./scratch-layout.ts";

const BYTE_SWAP = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
const LOW_WORDS = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH_WORDS = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALVES = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];

/** What a hash adds to the frame that all of Merkle-Damgard's share. */
export interface Rounds {
  readonly name: string;
  readonly stateWords: number;
  /** Emits what is done once, and returns what emits the rounds of one chunk. */
  prepare(build: FunctionBuilder): (chunk: ChunkLocals) => void;
}

export interface ChunkLocals {
  /** The chaining value, for the rounds to change. */
  readonly state: readonly Local[];
  /** Sixteen words of the message schedule. */
  readonly words: readonly Local[];
  /** Sets `words[first]` to `words[first + 3]` from the chunk. */
  readonly readWords: (first: number) => void;
}

/**
 * Builds `name(scratch, place0, place1, place2, place3, chunks)`: goes on with the four chaining
 * values in the scratch region by `chunks` (at least 1) chunks of 64 bytes from each place.
 */
export function buildCompression(rounds: Rounds): FunctionBuilder {
  const build = new FunctionBuilder(rounds.name, 2 + LANES);
  const [scratch = 0, ...others] = build.parameters;
  const places = others.slice(0, LANES);
  const chunks = others[LANES] ?? 0;
  const state = build.vectorLocals(rounds.stateWords);
  const before = build.vectorLocals(rounds.stateWords);
  const words = build.vectorLocals(16);
  const byteSwap = build.vectorLocal();

  // A shuffle by constants would load them anew each time; a local stays in a register: 5 %.
  build.set(byteSwap, bytes16(BYTE_SWAP));
  const emitRounds = rounds.prepare(build);
  const readWords = wordReader(build, places, words, byteSwap);
  state.forEach((word, index) => build.set(word, load(get(scratch), STATE_OFFSET + 16 * index)));
  build.doWhile(
    () => {
      state.forEach((word, index) => build.set(at(before, index), get(word)));
      emitRounds({ state, words, readWords });
      state.forEach((word, index) => build.set(word, add(get(word), get(at(before, index)))));
      for (const place of places) build.set(place, i32Add(get(place), i32(CHUNK_BYTES)));
      build.set(chunks, i32Add(get(chunks), i32(-1)));
    },
    () => get(chunks),
  );
  state.forEach((word, index) => build.store(get(scratch), STATE_OFFSET + 16 * index, get(word)));
  return build;
}

/** Turns sixteen bytes of each lane into four words, each of all lanes: a 4 x 4 transposition. */
function wordReader(
  build: FunctionBuilder,
  places: readonly Local[],
  words: readonly Local[],
  byteSwap: Local,
): (first: number) => void {
  const rows = build.vectorLocals(LANES);
  const mixed = build.vectorLocals(LANES);
  return (first) => {
    rows.forEach((row, lane) =>
      build.set(row, swizzle(load(get(at(places, lane)), 4 * first), get(byteSwap))),
    );
    const [a, b, c, d] = rows.map((row) => get(row)) as [Code, Code, Code, Code];
    build.set(at(mixed, 0), shuffle(a, b, LOW_WORDS));
    build.set(at(mixed, 1), shuffle(c, d, LOW_WORDS));
    build.set(at(mixed, 2), shuffle(a, b, HIGH_WORDS));
    build.set(at(mixed, 3), shuffle(c, d, HIGH_WORDS));
    for (const half of [0, 2]) {
      const [low, high] = [get(at(mixed, half)), get(at(mixed, half + 1))];
      build.set(at(words, first + half), shuffle(low, high, LOW_HALVES));
      build.set(at(words, first + half + 1), shuffle(low, high, HIGH_HALVES));
    }
  };
}

/** The local at `index`, which the caller knows to be there. */
export function at(locals: readonly Local[], index: number): Local {
  const local = locals[index];
  if (local === undefined) throw new RangeError(`no local at ${index} of ${locals.length}`);
  return local;
}

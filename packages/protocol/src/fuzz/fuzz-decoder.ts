import { ProtocolError } from "../errors.ts";

/** A decoder under test. */
export interface FuzzTarget {
  /** Named in the failure, e.g. `decodeBencode`. */
  readonly name: string;
  /** Returns, or throws a {@link ProtocolError}. It must not keep or change the bytes. */
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Valid inputs to start from; the more kinds, the deeper the search. At least one. */
  readonly corpus: readonly Uint8Array[];
  /** Byte strings of the format to splice in, e.g. lengths and keywords. */
  readonly tokens?: readonly Uint8Array[];
}

/** What one call of a decoder may add to the heap and to buffers. */
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;
/** Inputs stay short enough that thousands of them run in a second. */
const MAX_INPUT_BYTES = 64 * 1024;

/**
 * Feeds a decoder the corpus and then `iterations` mutations of it. Inputs that were accepted join
 * the corpus, so that mutations add up.
 * @param seed a 32-bit integer; the same seed gives the same inputs.
 * @throws {Error} with the seed and the input in hex when the decoder throws anything but a
 * {@link ProtocolError} or grows memory beyond reason; and when it refuses an input of the corpus.
 */
export function fuzzDecoder(target: FuzzTarget, seed: number, iterations: number): void {
  const random = createRandom(seed);
  const corpus = [...target.corpus];
  for (const input of corpus) {
    if (!accepts(target, input, seed)) throw report(target, seed, input, "refused a valid input");
  }
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const input = mutate(corpus, target.tokens ?? [], random);
    if (accepts(target, input, seed) && corpus.length < 256) corpus.push(input);
  }
}

function accepts(target: FuzzTarget, input: Uint8Array, seed: number): boolean {
  const before = memoryBytes();
  const isValid = decodes(target, input, seed);
  const growth = memoryBytes() - before;
  if (growth > MAX_GROWTH_BYTES) {
    throw report(target, seed, input, `took ${growth} bytes of memory`);
  }
  return isValid;
}

function decodes(target: FuzzTarget, input: Uint8Array, seed: number): boolean {
  try {
    target.decode(Uint8Array.from(input));
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw report(target, seed, input, `threw ${String(error)}`, error);
  }
}

function memoryBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function report(
  target: FuzzTarget,
  seed: number,
  input: Uint8Array,
  what: string,
  cause?: unknown,
): Error {
  const hex = Buffer.from(input.subarray(0, 4096)).toString("hex");
  return new Error(`${target.name} ${what}; seed ${seed}, input of ${input.length} bytes: ${hex}`, {
    cause,
  });
}

/** One to eight small changes to an input of the corpus. */
function mutate(
  corpus: readonly Uint8Array[],
  tokens: readonly Uint8Array[],
  random: (bound: number) => number,
): Uint8Array {
  let bytes = pick(corpus, random);
  for (let change = random(8); change >= 0; change -= 1) {
    bytes = mutateOnce(bytes, corpus, tokens, random);
  }
  return bytes.subarray(0, MAX_INPUT_BYTES);
}

/** Values where parsers err: ends of ranges, and the digits and letters of bencode. */
const INTERESTING_BYTES = [0, 1, 0x7f, 0x80, 0xff, ...Buffer.from("0129-:deil/.%&=")] as const;

function mutateOnce(
  bytes: Uint8Array,
  corpus: readonly Uint8Array[],
  tokens: readonly Uint8Array[],
  random: (bound: number) => number,
): Uint8Array {
  const at = random(bytes.length + 1);
  const length = random(Math.min(bytes.length - at, 32) + 1);
  switch (random(7)) {
    case 0: // flip a bit
      return splice(bytes, at, 1, [(bytes[at] ?? 0) ^ (1 << random(8))]);
    case 1: // set a byte
      return splice(bytes, at, 1, [pick(INTERESTING_BYTES, random)]);
    case 2: // cut a range out
      return splice(bytes, at, length, []);
    case 3: // repeat a range
      return splice(bytes, at, 0, bytes.subarray(at, at + length));
    case 4: // cut the end off
      return bytes.subarray(0, at);
    case 5: {
      // take a range from another input
      const other = pick(corpus, random);
      const start = random(other.length + 1);
      return splice(bytes, at, length, other.subarray(start, start + random(64)));
    }
    default:
      return splice(bytes, at, 0, tokens.length > 0 ? pick(tokens, random) : [random(256)]);
  }
}

function splice(
  bytes: Uint8Array,
  at: number,
  removed: number,
  added: ArrayLike<number>,
): Uint8Array {
  const tail = bytes.subarray(Math.min(at + removed, bytes.length));
  const result = new Uint8Array(at + added.length + tail.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(tail, at + added.length);
  return result;
}

function pick<T>(items: readonly T[], random: (bound: number) => number): T {
  const item = items[random(items.length)];
  if (item === undefined) throw new RangeError("Expected at least one item to pick from");
  return item;
}

/** A xorshift32 generator of integers in [0, bound): enough to vary inputs, and reproducible. */
function createRandom(seed: number): (bound: number) => number {
  let state = seed | 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

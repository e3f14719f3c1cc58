/**
 * As much of a WebAssembly assembler as the hash kernel needs: expressions are arrays of bytes
 * that leave one value on the stack, put together by functions named for their instruction.
 *
 * @see WebAssembly Core Specification 2.0, section 5 (binary format)
 */

export type Code = readonly number[];

/** Index of a parameter or local variable. */
export type Local = number;

const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY_BLOCK = 0x40;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** LEB128 of a whole number from 0 to 2^32 - 1. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit number; those from 2^31 on count as negative. */
function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && low < 64) || (rest === -1 && low >= 64)) return [...bytes, low];
    bytes.push(low + 128);
  }
}

const vector = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
const binary =
  (opcode: number) =>
  (left: Code, right: Code): Code => [...left, ...right, ...vector(opcode)];
const shift =
  (opcode: number) =>
  (value: Code, bits: number): Code => [...value, ...i32(bits), ...vector(opcode)];

export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const i32Add = (left: Code, right: Code): Code => [...left, ...right, 0x6a];
export const i32NotEqual = (left: Code, right: Code): Code => [...left, ...right, 0x47];

/** The 16 bytes at `address` + `offset`, at any alignment. */
export const load = (address: Code, offset = 0): Code => [
  ...address,
  ...vector(0),
  0,
  ...unsigned(offset),
];
export const bytes16 = (bytes: readonly number[]): Code => [...vector(12), ...bytes];
/** Sixteen bytes of `left` (0 to 15) and `right` (16 to 31). */
export const shuffle = (left: Code, right: Code, lanes: readonly number[]): Code => [
  ...left,
  ...right,
  ...vector(13),
  ...lanes,
];
export const swizzle = binary(14);
/** The same 32-bit number in four lanes. */
export const splat = (value: number): Code => [...i32(value), ...vector(17)];
export const and = binary(78);
export const or = binary(80);
export const xor = binary(81);
export const shl = shift(171);
export const shr = shift(173);
export const add = binary(174);

/** A function under construction that takes i32 parameters and returns nothing. */
export class FunctionBuilder {
  readonly name: string;
  readonly parameters: readonly Local[];
  readonly #localTypes: number[] = [];
  readonly #body: number[] = [];

  constructor(name: string, parameterCount: number) {
    this.name = name;
    this.parameters = Array.from({ length: parameterCount }, (_, index) => index);
  }

  i32Local(): Local {
    return this.parameters.length + this.#localTypes.push(I32) - 1;
  }

  vectorLocal(): Local {
    return this.parameters.length + this.#localTypes.push(V128) - 1;
  }

  vectorLocals(count: number): Local[] {
    return Array.from({ length: count }, () => this.vectorLocal());
  }

  set(local: Local, value: Code): void {
    this.#emit([...value, 0x21, ...unsigned(local)]);
  }

  store(address: Code, offset: number, value: Code): void {
    this.#emit([...address, ...value, ...vector(11), 0, ...unsigned(offset)]);
  }

  /** `do body while (condition)`. */
  doWhile(body: () => void, condition: () => Code): void {
    this.#emit([0x03, EMPTY_BLOCK]);
    body();
    this.#emit([...condition(), 0x0d, 0, 0x0b]);
  }

  type(): Code {
    return [0x60, ...unsigned(this.parameters.length), ...this.parameters.map(() => I32), 0];
  }

  code(): Code {
    const locals = this.#localTypes.flatMap((type) => [1, type]);
    const body = [...unsigned(this.#localTypes.length), ...locals, ...this.#body, 0x0b];
    return [...unsigned(body.length), ...body];
  }

  #emit(code: Code): void {
    for (const byte of code) this.#body.push(byte);
  }
}

const text = (value: string): Code => [
  ...unsigned(value.length),
  ...new TextEncoder().encode(value),
];

function section(id: number, entries: readonly Code[]): Code {
  const content = [...unsigned(entries.length), ...entries.flat()];
  return [id, ...unsigned(content.length), ...content];
}

/** A module that imports the shared memory `env.memory`, of any size, and exports `functions`. */
export function assembleModule(functions: readonly FunctionBuilder[]): Uint8Array<ArrayBuffer> {
  const sharedMemory = [2, 3, ...unsigned(1), ...unsigned(65536)];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(
      1,
      functions.map((built) => built.type()),
    ),
    ...section(2, [[...text("env"), ...text("memory"), ...sharedMemory]]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map((built, index) => [...text(built.name), 0, ...unsigned(index)]),
    ),
    ...section(
      10,
      functions.map((built) => built.code()),
    ),
  ]);
}

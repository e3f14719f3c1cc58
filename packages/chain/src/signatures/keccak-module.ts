/** Lanes of the state: 25 of 64 bits. */
const LANES = 25;
const ROUNDS = 24;

/** Where in memory the round constants are, behind the state. */
const CONSTANTS_AT = LANES * 8;

const OP = {
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  load: 0x29,
  store: 0x37,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Add: 0x6a,
  i32Ne: 0x47,
  and: 0x83,
  xor: 0x85,
  rotl: 0x89,
} as const;

/** How far each lane is turned (rho), by x + 5y. */
function rotations(): number[] {
  const offsets = Array.from({ length: LANES }, () => 0);
  for (let t = 0, x = 1, y = 0; t < ROUNDS; t++) {
    offsets[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  return offsets;
}

/** What iota adds in each round: bits of a shift register. */
export function roundConstants(): bigint[] {
  let register = 1;
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let j = 0; j < 7; j++) {
      if ((register & 1) === 1) constant |= 1n << BigInt(2 ** j - 1);
      register = register & 0x80 ? (register << 1) ^ 0x171 : register << 1;
    }
    return constant;
  });
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/** Signed numbers from 0 up. */
function signed(value: number): number[] {
  const bytes = leb(value);
  return (bytes.at(-1)! & 0x40) === 0 ? bytes : [...bytes.slice(0, -1), bytes.at(-1)! | 0x80, 0];
}

/**
 * The permutation Keccak-f[1600] as a WebAssembly module: exports `memory` of one page, whose first 200 bytes are the
 * state, and `permute`. The 25 lanes stay in registers through all rounds.
 * @see FIPS 202, 3.2
 */
export function assembleKeccak(): Uint8Array<ArrayBuffer> {
  // Locals: the round's place in memory, then a (25 lanes), b (25 lanes), c (5 columns), d.
  const place = 0;
  const a = (lane: number) => 1 + lane;
  const b = (lane: number) => 1 + LANES + lane;
  const c = (x: number) => 1 + 2 * LANES + (x % 5);
  const d = 1 + 2 * LANES + 5;
  const get = (local: number) => [OP.get, ...leb(local)];
  const set = (local: number) => [OP.set, ...leb(local)];
  const turn = (bits: number) => [OP.i64Const, ...signed(bits), OP.rotl];
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  const columns = [0, 1, 2, 3, 4];
  const offsets = rotations();

  const load = lanes.flatMap((lane) => [
    ...[OP.i32Const, 0, OP.load, 3, ...leb(lane * 8)],
    ...set(a(lane)),
  ]);
  const theta = [
    ...columns.flatMap((x) => [
      ...get(a(x)),
      ...[1, 2, 3, 4].flatMap((y) => [...get(a(x + 5 * y)), OP.xor]),
      ...set(c(x)),
    ]),
    ...columns.flatMap((x) => [
      ...[...get(c(x + 4)), ...get(c(x + 1)), ...turn(1), OP.xor, ...set(d)],
      ...columns.flatMap((y) => [
        ...[...get(a(x + 5 * y)), ...get(d), OP.xor, ...set(a(x + 5 * y))],
      ]),
    ]),
  ];
  const rhoAndPi = lanes.flatMap((lane) => {
    const [x, y] = [lane % 5, Math.floor(lane / 5)];
    const bits = offsets[lane]!;
    return [
      ...get(a(lane)),
      ...(bits === 0 ? [] : turn(bits)),
      ...set(b(y + 5 * ((2 * x + 3 * y) % 5))),
    ];
  });
  const chi = lanes.flatMap((lane) => {
    const row = lane - (lane % 5);
    const next = row + ((lane + 1) % 5);
    const afterNext = row + ((lane + 2) % 5);
    return [
      ...get(b(lane)),
      ...[...get(b(next)), OP.i64Const, 0x7f, OP.xor, ...get(b(afterNext)), OP.and],
      ...[OP.xor, ...set(a(lane))],
    ];
  });
  const iota = [...get(a(0)), ...get(place), OP.load, 3, 0, OP.xor, ...set(a(0))];
  const step = [...get(place), OP.i32Const, 8, OP.i32Add, OP.tee, place];
  const isNotLast = [OP.i32Const, ...signed(CONSTANTS_AT + 8 * ROUNDS), OP.i32Ne, OP.brIf, 0];
  const store = lanes.flatMap((lane) => [
    ...[OP.i32Const, 0, ...get(a(lane)), OP.store, 3, ...leb(lane * 8)],
  ]);
  const body = [
    // Two groups of locals: one i32, then the i64.
    ...[2, 1, 0x7f, ...leb(2 * LANES + 6), 0x7e],
    ...load,
    ...[OP.i32Const, ...signed(CONSTANTS_AT), ...set(place)],
    ...[OP.loop, 0x40, ...theta, ...rhoAndPi, ...chi, ...iota, ...step, ...isNotLast, OP.end],
    ...store,
    OP.end,
  ];
  const section = (id: number, bytes: readonly number[]) => [id, ...leb(bytes.length), ...bytes];
  const name = (text: string) => [text.length, ...Buffer.from(text, "latin1")];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("permute"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

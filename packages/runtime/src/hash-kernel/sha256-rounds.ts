import type { Rounds } from "./compression.ts";
import { at } from "./compression.ts";
import { SHA256_CONSTANTS_OFFSET } from "./scratch-layout.ts";
import type { Code, Local } from "./wasm-assembler.ts";
import { add, and, get, i32, i32Add, i32NotEqual, load, shl, shr, xor } from "./wasm-assembler.ts";

const ROUNDS_PER_LOOP = 16;
const CONSTANTS_BYTES = 16 * ROUNDS_PER_LOOP;

/** The xor of `value` rotated right by each of `rotations` and shifted right by each of `shifts`. */
function sigma(value: Local, rotations: readonly number[], shifts: readonly number[] = []): Code {
  const terms = [
    ...rotations.flatMap((bits) => [shr(get(value), bits), shl(get(value), 32 - bits)]),
    ...shifts.map((bits) => shr(get(value), bits)),
  ];
  return terms.reduce((sum, term) => xor(sum, term));
}

/**
 * FIPS 180-4, section 6.2.2, on four lanes. Rounds 16 to 63 are a loop of sixteen: unrolled, the
 * code outgrows the processor's cache of decoded instructions and is no faster. The constants are
 * stored once per lane, which costs 2 % less than spreading them on each load.
 */
export const sha256Rounds: Rounds = {
  name: "sha256",
  stateWords: 8,
  prepare(build) {
    const [scratch = 0] = build.parameters;
    const constants = build.i32Local();
    const differences = build.vectorLocals(2);

    return ({ state, words, readWords }) => {
      let order = [...state];

      const emitRound = (round: number) => {
        const [a, b, , d, e, f, g, h] = order as Eight;
        const [fresh, previous] = [at(differences, round % 2), at(differences, (round + 1) % 2)];
        const constant = load(get(constants), SHA256_CONSTANTS_OFFSET + 16 * round);
        build.set(h, add(get(h), add(get(at(words, round)), constant)));
        build.set(h, add(get(h), xor(get(g), and(get(e), xor(get(f), get(g))))));
        build.set(h, add(get(h), sigma(e, [6, 11, 25])));
        build.set(d, add(get(d), get(h)));
        // Maj(a, b, c) = b ^ (a ^ b) & (b ^ c), and b ^ c is the last round's a ^ b.
        build.set(fresh, xor(get(a), get(b)));
        build.set(h, add(get(h), xor(get(b), and(get(fresh), get(previous)))));
        build.set(h, add(get(h), sigma(a, [2, 13, 22])));
        order = [h, ...order.slice(0, 7)];
      };

      build.set(constants, get(scratch));
      build.set(at(differences, 1), xor(get(at(state, 1)), get(at(state, 2))));
      for (let round = 0; round < ROUNDS_PER_LOOP; round++) {
        if (round % 4 === 0) readWords(round);
        emitRound(round);
      }
      build.set(constants, i32Add(get(constants), i32(CONSTANTS_BYTES)));
      build.doWhile(
        () => {
          for (let round = 0; round < ROUNDS_PER_LOOP; round++) {
            const word = at(words, round);
            const later = (rounds: number) => at(words, (round + rounds) % 16);
            build.set(word, add(add(get(word), get(later(9))), sigma(later(1), [7, 18], [3])));
            build.set(word, add(get(word), sigma(later(14), [17, 19], [10])));
            emitRound(round);
          }
          build.set(constants, i32Add(get(constants), i32(CONSTANTS_BYTES)));
        },
        () => i32NotEqual(get(constants), i32Add(get(scratch), i32(4 * CONSTANTS_BYTES))),
      );
    };
  },
};

type Eight = [Local, Local, Local, Local, Local, Local, Local, Local];

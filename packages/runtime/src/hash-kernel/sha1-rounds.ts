import type { Rounds } from "./compression.ts";
import { at } from "./compression.ts";
import { SHA1_CONSTANTS } from "./sha-constants.ts";
import type { Code, Local } from "./wasm-assembler.ts";
import { add, and, get, or, shl, shr, splat, xor } from "./wasm-assembler.ts";

const rotateLeft = (value: Local, bits: number): Code =>
  or(shl(get(value), bits), shr(get(value), 32 - bits));

function mix(round: number, b: Code, c: Code, d: Code): Code {
  if (round < 20) return xor(d, and(b, xor(c, d)));
  // The two halves of Maj share no bit, so a sum does as well as an or.
  if (round >= 40 && round < 60) return add(and(b, c), and(d, xor(b, c)));
  return xor(b, xor(c, d));
}

/**
 * FIPS 180-4, section 6.1.2, on four lanes. The schedule is sixteen locals that roll: registers and
 * a few spills cost 10 % less than keeping it in memory. How Ch, Maj and the rotations are spelled
 * made no difference: the three vector ports are the limit, and each spelling has as many steps.
 */
export const sha1Rounds: Rounds = {
  name: "sha1",
  stateWords: 5,
  prepare(build) {
    const constants = SHA1_CONSTANTS.map((constant) => {
      const local = build.vectorLocal();
      build.set(local, splat(constant));
      return local;
    });
    const mixed = build.vectorLocal();
    return ({ state, words, readWords }) => {
      let [a, b, c, d, e] = [0, 1, 2, 3, 4].map((index) => at(state, index)) as Five;
      for (let round = 0; round < 80; round++) {
        const word = at(words, round % 16);
        const earlier = (rounds: number) => get(at(words, (round - rounds) % 16));
        if (round < 16) {
          if (round % 4 === 0) readWords(round);
        } else {
          build.set(mixed, xor(xor(earlier(3), earlier(8)), xor(earlier(14), earlier(16))));
          build.set(word, rotateLeft(mixed, 1));
        }
        const constant = at(constants, Math.floor(round / 20));
        build.set(e, add(get(e), add(get(word), get(constant))));
        build.set(e, add(get(e), mix(round, get(b), get(c), get(d))));
        build.set(e, add(get(e), rotateLeft(a, 5)));
        build.set(b, rotateLeft(b, 30));
        [a, b, c, d, e] = [e, a, b, c, d];
      }
    };
  },
};

type Five = [Local, Local, Local, Local, Local];

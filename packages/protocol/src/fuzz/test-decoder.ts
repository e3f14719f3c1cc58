import { randomInt } from "node:crypto";
import { test } from "node:test";
import { type FuzzTarget, fuzzDecoder } from "./fuzz-decoder.ts";

/**
 * Registers a test that fuzzes a decoder: `testDecoder({ name, decode, corpus })` in any
 * `*.test.ts`. The seed is new each time and is printed; `SHOAL_FUZZ_SEED` repeats a run and
 * `SHOAL_FUZZ_ITERATIONS` lengthens it.
 */
export function testDecoder(target: FuzzTarget): void {
  const seed = Number(process.env.SHOAL_FUZZ_SEED ?? randomInt(1, 2 ** 31));
  const iterations = Number(process.env.SHOAL_FUZZ_ITERATIONS ?? 3000);
  void test(`${target.name} returns or throws a ProtocolError, whatever the bytes`, (t) => {
    t.diagnostic(`seed ${seed}, ${iterations} iterations`);
    fuzzDecoder(target, seed, iterations);
  });
}

import { assembleKeccak, roundConstants } from "./keccak-module.ts";

/** TypeScript's library for Node leaves WebAssembly out. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly permute: () => void;
    };
  };
}

const STATE_BYTES = 200;
/** What one permutation absorbs. */
const RATE_BYTES = 136;
const HASH_BYTES = 32;

const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
const { memory, permute } = new Instance(new Module(assembleKeccak())).exports;
const state = new Uint8Array(memory.buffer, 0, STATE_BYTES);
new BigUint64Array(memory.buffer, STATE_BYTES, 24).set(roundConstants());

/**
 * keccak256 of some bytes: 32 bytes, in an array of their own. In WebAssembly: a voucher takes two of these, and nothing
 * native has to be loaded for them. Measured for 96 bytes on a busy machine: 1 µs,
 * where the embedded EVM's native one takes 4.5 and one in JavaScript 18.
 */
export function keccak256(bytes: Uint8Array): Uint8Array {
  state.fill(0);
  let at = 0;
  // The first block meets zeros: it is set, not added.
  if (bytes.length >= RATE_BYTES) {
    state.set(bytes.subarray(0, RATE_BYTES));
    permute();
    for (at = RATE_BYTES; at + RATE_BYTES <= bytes.length; at += RATE_BYTES) {
      for (let index = 0; index < RATE_BYTES; index++) state[index]! ^= bytes[at + index]!;
      permute();
    }
    for (let index = at; index < bytes.length; index++) state[index - at]! ^= bytes[index]!;
  } else {
    state.set(bytes);
  }
  state[bytes.length - at]! ^= 0x01;
  state[RATE_BYTES - 1]! ^= 0x80;
  permute();
  return state.slice(0, HASH_BYTES);
}

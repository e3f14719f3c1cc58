/** Messages that are hashed side by side: the 32-bit numbers of one WebAssembly vector. */
export const LANES = 4;

/** Both hashes work on chunks of this size (FIPS 180-4, section 5.2.1). */
export const CHUNK_BYTES = 64;

/** Room for a last chunk and the chunk of padding that may follow it. */
export const LANE_BUFFER_BYTES = 2 * CHUNK_BYTES;

/** Chaining values, word by word: word n of the four lanes is at 16 n. */
export const STATE_OFFSET = 0;
/** One buffer per lane, for chunks that straddle two parts and for padding. */
export const LANE_BUFFERS_OFFSET = 128;
/** SHA-256's 64 constants, each four times. */
export const SHA256_CONSTANTS_OFFSET = LANE_BUFFERS_OFFSET + LANES * LANE_BUFFER_BYTES;

/** What one kernel needs of its memory, for itself alone. */
export const SCRATCH_BYTES = 2048;

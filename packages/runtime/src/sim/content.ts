import { SimRandom } from "./sim-random.ts";

/** `lengthBytes` of repeatable noise, one word per step: about 1 GB/s. One array may serve all seeders of a world. */
export function createContent(seed: number | string, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const random = new SimRandom(`${seed} content`);
  const words = new Uint32Array(Math.ceil(lengthBytes / 4));
  for (let index = 0; index < words.length; index++) words[index] = random.next();
  return new Uint8Array(words.buffer, 0, lengthBytes);
}

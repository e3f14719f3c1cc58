import { InvalidArgumentError } from "commander";
import { parseBytes } from "./parse-bytes.ts";

const SMALLEST = 16 * 1024;
const LARGEST = 512 * 1024 * 1024;

/** @throws {InvalidArgumentError} when it is no power of two from 16 KiB to 512 MiB. */
export function parsePieceLength(text: string): number {
  const bytes = parseBytes(text);
  if (!Number.isInteger(Math.log2(bytes)) || bytes < SMALLEST || bytes > LARGEST) {
    throw new InvalidArgumentError("Expected a power of two from 16K to 512M, such as 256K or 1M.");
  }
  return bytes;
}

import { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { BENCODE_LIMITS } from "../bencode/bencode-limits.ts";
import { decodeBencodePrefix } from "../bencode/decode-bencode.ts";
import { BencodeError, PeerWireError } from "../errors.ts";

/**
 * Bounds on an extension message's dictionary. The deepest that a BEP defines has two levels and
 * the longest some dozens of entries; peer lists are strings.
 */
const LIMITS = { ...BENCODE_LIMITS.message, nesting: 10, tokens: 2000 };

/**
 * Reads the dictionary that an extension message starts with.
 * @param name The extension's, for the error.
 * @returns `rest` is a view of what follows the dictionary.
 * @throws {PeerWireError} `bad-extension-message` when there is no dictionary.
 */
export function decodeExtensionDictionary(
  name: string,
  payload: Uint8Array,
): { dictionary: BencodeDictionary; rest: Uint8Array } {
  try {
    const { value, lengthBytes } = decodeBencodePrefix(payload, LIMITS);
    if (value instanceof BencodeDictionary) {
      return { dictionary: value, rest: payload.subarray(lengthBytes) };
    }
  } catch (cause) {
    if (!(cause instanceof BencodeError)) throw cause;
    throw badExtensionMessage(name, cause.offset, cause.message, { cause });
  }
  throw badExtensionMessage(name, 0, "it does not start with a dictionary");
}

export function badExtensionMessage(
  name: string,
  offset: number,
  reason: string,
  options?: ErrorOptions,
): PeerWireError {
  return new PeerWireError(
    "bad-extension-message",
    offset,
    `a message of the extension ${name} cannot be read: ${reason}`,
    options,
  );
}

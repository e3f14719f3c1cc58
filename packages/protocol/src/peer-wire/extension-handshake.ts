import type { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { encodeBencode } from "../bencode/encode-bencode.ts";
import type { Bencodable } from "../bencode/encode-bencode.ts";
import { formatIp, parseIp } from "../endpoint/ip-address.ts";
import { decodeExtensionDictionary } from "./extension-dictionary.ts";
import { MAX_METADATA_LENGTH_BYTES } from "./metadata-message.ts";

/** Names in a handshake beyond this many are left out: no client has a quarter as many. */
const MAX_EXTENSIONS = 64;
const MAX_EXTENSION_NAME_LENGTH = 64;
const MAX_CLIENT_LENGTH = 100;

/** What a peer tells of itself. A field is undefined when it was not said or makes no sense. */
export interface ExtensionHandshakeFields {
  /** `v`: the client's name and version, as it wants to be shown. */
  readonly client: string | undefined;
  /** `p`: the TCP port that it listens on. */
  readonly listenPort: number | undefined;
  /** `reqq`: how many requests it queues before it drops them. */
  readonly requestQueueLength: number | undefined;
  /** `yourip`: the receiver's address as the sender sees it. */
  readonly yourIp: string | undefined;
  /** `ipv4`: an address that the sender can be reached at as well. */
  readonly ipv4: string | undefined;
  /** `ipv6`: likewise. */
  readonly ipv6: string | undefined;
  /** `metadata_size`: length of the info dictionary (BEP 9). */
  readonly metadataLengthBytes: number | undefined;
  /** `upload_only`: it will ask for no more pieces (BEP 21). */
  readonly uploadOnly: boolean | undefined;
  /** `e`: it would rather have its connections encrypted. */
  readonly prefersEncryption: boolean | undefined;
  /** `complete_ago`: seconds since it had all pieces. */
  readonly completeAgoSeconds: number | undefined;
}

/** A decoded extension handshake. It may come again: then it tells only what changed. */
export interface ExtensionHandshake extends ExtensionHandshakeFields {
  /** `m`: the id under which the sender takes an extension's messages; 0 switches it off. */
  readonly extensions: ReadonlyMap<string, number>;
  /** Everything that came, for extensions with fields of their own. Views of the payload. */
  readonly fields: BencodeDictionary;
}

/**
 * Payload of an extension handshake, to be sent as `encodeExtended(0, payload)`.
 * @param handshake `extensions` maps names to the ids under which this side takes them;
 * `fields` are further entries, which must not repeat those of this package.
 * @throws {RangeError} when an address is not one, or a number is not a safe integer.
 * @see BEP 10
 */
export function encodeExtensionHandshake(
  handshake: Partial<ExtensionHandshakeFields> & {
    readonly extensions: Readonly<Record<string, number>>;
    readonly fields?: Readonly<Record<string, Bencodable>>;
  },
): Uint8Array {
  return encodeBencode({
    ...handshake.fields,
    m: handshake.extensions,
    v: handshake.client,
    p: handshake.listenPort,
    reqq: handshake.requestQueueLength,
    yourip: addressBytes(handshake.yourIp),
    ipv4: addressBytes(handshake.ipv4),
    ipv6: addressBytes(handshake.ipv6),
    metadata_size: handshake.metadataLengthBytes,
    upload_only: flag(handshake.uploadOnly),
    e: flag(handshake.prefersEncryption),
    complete_ago: handshake.completeAgoSeconds,
  });
}

/**
 * Decodes an extension handshake. What makes no sense in it is left out, one field at a time;
 * other clients put much into it that no BEP defines.
 * @throws {PeerWireError} `bad-extension-message` when the payload is not a dictionary.
 * @see BEP 10
 */
export function decodeExtensionHandshake(payload: Uint8Array): ExtensionHandshake {
  const { dictionary } = decodeExtensionDictionary("handshake", payload);
  return {
    extensions: readExtensions(dictionary.dictionary("m")),
    client: readClient(dictionary),
    listenPort: readInteger(dictionary, "p", 1, 0xffff),
    requestQueueLength: readInteger(dictionary, "reqq", 1, 0x7fffffff),
    yourIp: readAddress(dictionary.bytes("yourip"), [4, 16]),
    ipv4: readAddress(dictionary.bytes("ipv4"), [4]),
    ipv6: readAddress(dictionary.bytes("ipv6"), [16]),
    metadataLengthBytes: readInteger(dictionary, "metadata_size", 1, MAX_METADATA_LENGTH_BYTES),
    uploadOnly: readFlag(dictionary, "upload_only"),
    prefersEncryption: readFlag(dictionary, "e"),
    completeAgoSeconds: readInteger(dictionary, "complete_ago", 0, Number.MAX_SAFE_INTEGER),
    fields: dictionary,
  };
}

function readExtensions(dictionary: BencodeDictionary | undefined): Map<string, number> {
  const extensions = new Map<string, number>();
  for (const name of dictionary?.keys() ?? []) {
    const id = readInteger(dictionary!, name, 0, 0xff);
    if (id === undefined || name.length > MAX_EXTENSION_NAME_LENGTH) continue;
    extensions.set(name, id);
    if (extensions.size === MAX_EXTENSIONS) break;
  }
  return extensions;
}

/** Without control characters and those that change the direction of text: it is shown to people. */
function readClient(dictionary: BencodeDictionary): string | undefined {
  const client = dictionary.text("v")?.slice(0, 4 * MAX_CLIENT_LENGTH);
  return client
    ?.replaceAll(/[\p{Cc}\p{Cf}]/gu, "")
    .trim()
    .slice(0, MAX_CLIENT_LENGTH);
}

function readInteger(
  dictionary: BencodeDictionary,
  key: string,
  min: number,
  max: number,
): number | undefined {
  const value = dictionary.integer(key);
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

function readFlag(dictionary: BencodeDictionary, key: string): boolean | undefined {
  const value = dictionary.integer(key);
  return value === undefined ? undefined : value !== 0;
}

function readAddress(
  bytes: Uint8Array | undefined,
  lengths: readonly (4 | 16)[],
): string | undefined {
  const length = lengths.find((candidate) => candidate === bytes?.length);
  return bytes === undefined || length === undefined ? undefined : formatIp(bytes, length);
}

function addressBytes(address: string | undefined): Uint8Array | undefined {
  if (address === undefined) return undefined;
  const bytes = parseIp(address);
  if (bytes === null) throw new RangeError(`"${address}" is not an IP address`);
  return bytes;
}

function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

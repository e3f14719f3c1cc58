import { type MutableItem, DhtError } from "@shoal/dht";
import {
  type BencodeValue,
  decodeBencode,
  encodeBencode,
  immutableTarget,
  itemPublicKey,
  mutableTarget,
  toHex,
} from "@shoal/protocol";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatCount, toPlainText } from "../output/format.ts";
import { loadKeyFile } from "./key-file.ts";
import { type DhtFlags, withDht } from "./open-command-dht.ts";

export interface AnnounceFlags extends DhtFlags {
  readonly port: number;
  readonly seed?: boolean;
}

export interface ItemFlags extends DhtFlags {
  readonly key?: string;
  readonly salt?: string;
}

/** Prints a torrent's peers as they are found. */
export async function runDhtLookup(
  infoHash: Uint8Array,
  flags: DhtFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDht(flags, context, async ({ dht, signal }) => {
    const peers: { address: string; port: number }[] = [];
    for await (const peer of dht.findPeers(infoHash, { signal })) {
      peers.push(peer);
      output.data(formatEndpoint(peer));
      output.event("peer", peer);
    }
    output.note(formatCount(peers.length, "peer"));
    output.result({ infoHash: toHex(infoHash), peers });
    return peers.length > 0 ? EXIT.ok : EXIT.notFound;
  });
}

/** Tells the DHT that a peer of a torrent is at a port of this machine. */
export async function runDhtAnnounce(
  infoHash: Uint8Array,
  flags: AnnounceFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDht(flags, context, async ({ dht, signal }) => {
    const announcement = { port: flags.port, isSeed: flags.seed === true };
    const { stored, peers } = await dht.announce(infoHash, announcement, { signal });
    output.note(
      `${formatCount(stored, "node")} took it; ${formatCount(peers.length, "peer")} found`,
    );
    output.result({ infoHash: toHex(infoHash), port: flags.port, stored, peers });
    if (stored > 0) return EXIT.ok;
    throw new CliError("not-found", "no node of the DHT took the announcement: try again later");
  });
}

/** Stores text: under its hash, or with a key under the key's. Prints what to get it by. */
export async function runDhtPut(
  text: string,
  flags: ItemFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const value = encodeBencode(text);
  return await withDht(flags, context, async ({ dht, runtime, signal }) => {
    if (flags.key === undefined) {
      const target = toHex(immutableTarget(value));
      const stored = await dht.putImmutable(value, { signal }).catch(rethrow);
      output.data(target);
      output.note(`${formatCount(stored, "node")} took it, for two hours`);
      output.result({ target, stored });
      return EXIT.ok;
    }
    const { seed, isNew } = await loadKeyFile(flags.key, () => runtime.random.bytes(32));
    if (isNew) output.note(`a new key is in ${flags.key}: who has that file can replace the item`);
    const salt = Buffer.from(flags.salt ?? "");
    const { item, stored } = await dht.putMutable(seed, value, { salt, signal }).catch(rethrow);
    const publicKey = toHex(itemPublicKey(seed));
    output.data(publicKey);
    output.note(`${formatCount(stored, "node")} took version ${item.seq}, for two hours`);
    const target = toHex(mutableTarget(item.publicKey, salt));
    output.result({ publicKey, target, seq: Number(item.seq), stored });
    return EXIT.ok;
  });
}

/** Prints an item: 40 hex digits name an immutable one, 64 the key of a mutable one. */
export async function runDhtGet(
  name: Uint8Array,
  flags: ItemFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDht(flags, context, async ({ dht, signal }) => {
    let item: MutableItem | null = null;
    let value: Uint8Array | null;
    if (name.length === 20) value = await dht.getImmutable(name, { signal });
    else {
      item = await dht.getMutable(name, { salt: Buffer.from(flags.salt ?? ""), signal });
      value = item?.value ?? null;
    }
    if (value === null) {
      throw new CliError("not-found", "no node of the DHT has it: items last two hours");
    }
    const text = describeValue(value);
    output.data(text);
    output.result({ value: text, seq: item === null ? null : Number(item.seq) });
    return EXIT.ok;
  });
}

/** Prints infohashes that others announced, until the time is up or a signal comes. */
export async function runDhtSample(
  count: number,
  flags: DhtFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDht(flags, context, async ({ dht, signal }) => {
    const infoHashes: string[] = [];
    try {
      for await (const infoHash of dht.sampleInfoHashes({ signal })) {
        infoHashes.push(toHex(infoHash));
        output.data(toHex(infoHash));
        output.event("infohash", { infoHash: toHex(infoHash) });
        if (infoHashes.length >= count) break;
      }
    } catch (error) {
      // Sampling has no end of its own: what came until the time was up is the result.
      if (context.signal.aborted || !signal.aborted) throw error;
    }
    output.result({ infoHashes });
    return EXIT.ok;
  });
}

/** Prints the nodes that this machine's node knows. */
export async function runDhtTable(flags: DhtFlags, context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  return await withDht(flags, context, async ({ dht }) => {
    const nodes = dht.nodes.map(({ id, family, externalAddress, table, local }) => ({
      id: toHex(id),
      family,
      externalAddress,
      port: local.port,
      contacts: table.buckets.flatMap((bucket, sharedBits) =>
        bucket.map((contact) => ({
          id: toHex(contact.id),
          address: contact.address,
          port: contact.port,
          sharedBits,
          secure: contact.isSecure,
        })),
      ),
    }));
    for (const node of nodes) {
      const seen = node.externalAddress === null ? "" : `, seen at ${node.externalAddress}`;
      output.data(
        `IPv${node.family} ${node.id}, ${formatCount(node.contacts.length, "node")}${seen}`,
      );
      for (const contact of node.contacts) {
        output.data(
          `  ${String(contact.sharedBits).padStart(3)} ${contact.id} ${formatEndpoint(contact)}`,
        );
      }
    }
    output.result({ nodes });
    return EXIT.ok;
  });
}

/** Text as it is, and anything else as JSON with bytes in hex. */
function describeValue(value: Uint8Array): string {
  const decoded = decodeBencode(value, { allowUnsortedKeys: true });
  if (!(decoded instanceof Uint8Array)) return JSON.stringify(toJson(decoded));
  return toPlainText(Buffer.from(decoded).toString("utf8"));
}

function toJson(value: BencodeValue): unknown {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, inner]) => [key, toJson(inner)]));
  }
  return value.map(toJson);
}

function formatEndpoint({ address, port }: { address: string; port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function rethrow(error: unknown): never {
  if (error instanceof DhtError)
    throw new CliError("fetch-failed", error.message, { cause: error });
  throw error;
}

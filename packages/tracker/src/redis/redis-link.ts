import { createHash } from "node:crypto";
import { TrackerError } from "../errors.ts";

/** What Redis answers: strings as bytes. */
export type RedisReply = null | number | Buffer | readonly RedisReply[];

export type RedisArgument = string | Buffer;

/** A connection to one Redis server or to a cluster. */
export interface RedisLink {
  /** Carries out one command. @param key Decides about the node in a cluster. */
  command(key: string, args: readonly RedisArgument[]): Promise<RedisReply>;
  publish(channel: string, message: Buffer): Promise<void>;
  subscribe(channel: string, onMessage: (message: Buffer) => void): Promise<void>;
  close(): Promise<void>;
}

/** A script, sent once to each server and called by its hash from then on. */
export interface RedisScript {
  run(
    link: RedisLink,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<RedisReply>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_RECONNECT_MS = 5_000;
/** Commands that wait for an answer: a second's worth of a busy tracker. */
const MAX_WAITING = 100_000;

/**
 * Connects to Redis 6.2 or later, by npm's `@redis/client`, which owns its sockets and is there only
 * where it was installed.
 * @param urls `redis://` or `rediss://`, with user and password where needed: one server, or some nodes of a
 *   cluster.
 * @throws {TrackerError} `unreachable`, or `unsupported-scheme` when the library is not installed.
 */
export async function connectRedis(urls: readonly string[]): Promise<RedisLink> {
  const url = urls[0] ?? "";
  const library = await import("@redis/client").catch((cause: unknown) => {
    const text = "Redis needs a library that is not installed here: npm install @redis/client";
    throw new TrackerError("unsupported-scheme", url, text, { cause });
  });
  const { createClient, createCluster, RESP_TYPES } = library;
  const asBytes = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
  const options = {
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (tries: number) => Math.min(100 * 2 ** tries, MAX_RECONNECT_MS),
    },
    // An announce that waits for a server that is away is of no use to anybody.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
  };

  async function opened<Client extends Connectable>(client: Client): Promise<Client> {
    const { promise: failed, reject } = Promise.withResolvers<never>();
    // Later errors are those of commands, which reject, and of reconnecting, which goes on.
    client.on("error", (error: unknown) => reject(error));
    failed.catch(() => {});
    try {
      await Promise.race([client.connect(), failed]);
      return client;
    } catch (cause) {
      client.destroy();
      const text = `Redis at ${URL.parse(url)?.host ?? url} does not answer: is it running there?`;
      throw new TrackerError("unreachable", url, text, { cause });
    }
  }

  if (urls.length > 1) {
    const cluster = await opened(
      createCluster({ rootNodes: urls.map((each) => ({ url: each })), defaults: options }),
    );
    return {
      command: async (key, args) =>
        await cluster.sendCommand<RedisReply>(key, false, [...args], asBytes),
      publish: async (channel, message) => void (await cluster.publish(channel, message)),
      subscribe: (channel, onMessage) => cluster.subscribe(channel, onMessage, true),
      close: () => cluster.close(),
    };
  }
  const client = await opened(createClient({ url, ...options }));
  const subscriber = await opened(client.duplicate());
  return {
    command: async (_key, args) => await client.sendCommand<RedisReply>([...args], asBytes),
    publish: async (channel, message) => void (await client.publish(channel, message)),
    subscribe: (channel, onMessage) => subscriber.subscribe(channel, onMessage, true),
    async close() {
      await Promise.all([client.close(), subscriber.close()]);
    },
  };
}

interface Connectable {
  connect(): Promise<unknown>;
  on(event: "error", listener: (error: unknown) => void): unknown;
  destroy(): void;
}

/** @param source Lua. */
export function createRedisScript(source: string): RedisScript {
  const hash = createHash("sha1").update(source).digest("hex");
  return {
    async run(link, keys, args) {
      const rest = [String(keys.length), ...keys, ...args];
      try {
        return await link.command(keys[0]!, ["EVALSHA", hash, ...rest]);
      } catch (error) {
        if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
        return await link.command(keys[0]!, ["EVAL", source, ...rest]);
      }
    },
  };
}

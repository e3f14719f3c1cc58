import assert from "node:assert/strict";
import type { Http } from "../ports/http.ts";
import type { Listener } from "../ports/net.ts";
import type { WebSocketConnection } from "../ports/web-socket.ts";
import { createFacts } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";

export interface WebSocketPorts {
  readonly http: Http;
  /** An address of this world at which to listen and to which to connect. */
  readonly host: string;
}

/** Reads one connection by promises. */
function probe(connection: WebSocketConnection) {
  const messages: string[] = [];
  let wake = (): void => {};
  const closed = Promise.withResolvers<Error | null>();
  connection.receive({
    message(text) {
      messages.push(text);
      wake();
    },
    closed: (error) => closed.resolve(error),
  });
  return {
    connection,
    closed: closed.promise,
    async gets(count: number): Promise<readonly string[]> {
      while (messages.length < count) {
        const more = Promise.withResolvers<void>();
        wake = more.resolve;
        await more.promise;
      }
      return messages;
    },
  };
}

async function open({ http, host }: WebSocketPorts) {
  const accepted = Promise.withResolvers<ReturnType<typeof probe>>();
  let target = "";
  const listener = await http.serve(
    { host, port: 0 },
    () => ({ status: 200, body: Buffer.from("plain") }),
    (request) => {
      if (request.target === "/closed") return null;
      target = request.target;
      return (connection) => accepted.resolve(probe(connection));
    },
  );
  const url = `ws://${host}:${listener.local.port}/way?in=%ff`;
  const client = probe(await http.openWebSocket({ url }));
  const server = await accepted.promise;
  return { listener, client, server, target };
}

async function closeAll(listener: Listener, ...sides: ReturnType<typeof probe>[]): Promise<void> {
  for (const { connection } of sides) connection.destroy();
  await Promise.all(sides.map(({ closed }) => closed));
  await listener.close();
}

/** What every `Http` does with WebSockets. */
export function testWebSockets(world: string, create: CreateFixture<WebSocketPorts>): void {
  const fact = createFacts(`${world} WebSocket`, create);

  fact("messages go both ways, whole and in order", async (ports) => {
    const { listener, client, server, target } = await open(ports);
    assert.equal(target, "/way?in=%ff");
    const texts = ["a", "ÿ 海", "x".repeat(200_000), ""];
    for (const text of texts) client.connection.send(text);
    for (const text of texts.toReversed()) server.connection.send(text);
    assert.deepEqual(await server.gets(4), texts);
    assert.deepEqual(await client.gets(4), texts.toReversed());
    assert.equal(client.connection.remote.port, listener.local.port);
    await closeAll(listener, client, server);
  });

  fact("close() says goodbye to the other side", async (ports) => {
    const { listener, client, server } = await open(ports);
    client.connection.send("last");
    client.connection.close();
    assert.equal(await server.closed, null);
    assert.deepEqual(await server.gets(1), ["last"]);
    server.connection.close();
    assert.equal(await client.closed, null);
    client.connection.send("into the void");
    await listener.close();
  });

  fact("a message beyond 256 KiB closes the connection with an error", async (ports) => {
    const { listener, client, server } = await open(ports);
    client.connection.send("x".repeat(256 * 1024 + 1));
    assert.ok((await server.closed) instanceof Error);
    await closeAll(listener, client, server);
  });

  fact("closing the listener closes its connections", async (ports) => {
    const { listener, client, server } = await open(ports);
    await listener.close();
    await Promise.all([client.closed, server.closed]);
  });

  fact("what is refused, is no WebSocket, or is not there fails by its code", async (ports) => {
    const { listener, client, server } = await open(ports);
    const at = `${ports.host}:${listener.local.port}`;
    const refused = ports.http.openWebSocket({ url: `ws://${at}/closed` });
    await assert.rejects(refused, { code: "bad-response" });
    const wrong = ports.http.openWebSocket({ url: `http://${at}/` });
    await assert.rejects(wrong, { code: "failed" });
    const forbidden = ports.http.openWebSocket({
      url: `ws://${at}/way`,
      allow: ({ address }) => {
        throw new RangeError(`not ${address}`);
      },
    });
    await assert.rejects(forbidden, { message: `not ${ports.host}` });
    const cancelled = ports.http.openWebSocket({
      url: `ws://${at}/way`,
      signal: AbortSignal.abort(),
    });
    await assert.rejects(cancelled, { code: "aborted" });
    await closeAll(listener, client, server);
    const gone = ports.http.openWebSocket({ url: `ws://${at}/way` });
    await assert.rejects(gone, { code: "refused" });
  });
}

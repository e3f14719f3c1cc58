import assert from "node:assert/strict";
import { NetError } from "../errors.ts";
import type { Listener, Net, StreamSocket } from "../ports/net.ts";
import { patternBytes, createFacts } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";
import { probeStream } from "./stream-probe.ts";
import type { StreamProbe } from "./stream-probe.ts";

export interface NetPorts {
  readonly net: Net;
  /** Connections go by a third party: their end is not where the other side sees it. */
  readonly isProxied?: true;
  /** An address of this world at which to listen and to which to connect. */
  readonly host: string;
}

interface Pair {
  readonly listener: Listener;
  readonly client: StreamSocket;
  readonly server: StreamSocket;
}

/** What every `Net` does with streams. */
export function testStreams(world: string, create: CreateFixture<NetPorts>): void {
  const fact = createFacts(`${world} net`, create);

  fact("a stream carries bytes both ways in the order of the writes", async (ports) => {
    const { a, b, done } = await probes(ports);
    const sizes = [1, 3, 70_000, 13, 16_384, 4_095, 4_096, 2, 300_000];
    const messages = sizes.map((size, seed) => patternBytes(size, seed));
    for (const message of messages) a.socket.write(message);
    for (const message of messages.toReversed()) b.socket.write(message);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.deepEqual(await b.gets(total), Buffer.concat(messages));
    assert.deepEqual(await a.gets(total), Buffer.concat(messages.toReversed()));
    await done();
  });

  fact("both ends name the same two endpoints", async (ports) => {
    const { listener, client, server } = await pair(ports);
    assert.deepEqual(client.remote, { address: ports.host, port: listener.local.port });
    assert.deepEqual(client.remote, server.local);
    if (ports.isProxied !== true) assert.deepEqual(client.local, server.remote);
    await closeAll(listener, probeStream(client), probeStream(server));
  });

  fact("buffers of one byte and of odd sizes lose nothing", async (ports) => {
    for (const bufferBytes of [1, 7, 1009]) {
      const { a, b, done } = await probes(ports, bufferBytes);
      const message = patternBytes(5_000, bufferBytes);
      a.socket.write(message);
      assert.deepEqual(await b.gets(message.length), Buffer.from(message));
      await done();
    }
  });

  fact("bytes that arrive before receive() are kept for it", async (ports) => {
    const { listener, client, server } = await pair(ports);
    const message = patternBytes(100_000, 1);
    client.write(message);
    client.write(Uint8Array.of(1));
    // A round trip on another connection: the bytes above are there by then.
    await roundTrip(ports);
    const b = probeStream(server);
    assert.deepEqual((await b.gets(100_001)).subarray(0, 100_000), Buffer.from(message));
    await closeAll(listener, probeStream(client), b);
  });

  fact("a write's callback is called once, in order, never within write", async (ports) => {
    const { a, b, done } = await probes(ports);
    const calls: number[] = [];
    const last = Promise.withResolvers<void>();
    for (let index = 0; index < 100; index++) {
      const before = calls.length;
      a.socket.write(patternBytes(index * 331, index), (error) => {
        assert.equal(error, null);
        calls.push(index);
        if (index === 99) last.resolve();
      });
      assert.equal(calls.length, before);
    }
    await last.promise;
    await b.gets((331 * 99 * 100) / 2);
    assert.deepEqual(
      calls,
      Array.from({ length: 100 }, (_, index) => index),
    );
    assert.equal(a.socket.queuedBytes, 0);
    await done();
  });

  fact("a view over shared memory is sent as it is", async (ports) => {
    const { a, b, done } = await probes(ports);
    const shared = new Uint8Array(new SharedArrayBuffer(50_000), 17, 40_000);
    shared.set(patternBytes(40_000, 3));
    a.socket.write(shared);
    assert.deepEqual(await b.gets(40_000), Buffer.from(patternBytes(40_000, 3)));
    await done();
  });

  fact("pause() stops reading and resume() goes on without loss", async (ports) => {
    const { listener, client, server } = await pair(ports);
    const message = patternBytes(4_000_000, 5);
    let reads = 0;
    const b: StreamProbe = probeStream(server, {
      onReceived: () => {
        if (++reads === 1) server.pause();
      },
    });
    const a = probeStream(client);
    const sent = a.send(message);
    await b.gets(1);
    await roundTrip(ports);
    assert.equal(reads, 1);
    server.resume();
    assert.deepEqual(await b.gets(message.length), Buffer.from(message));
    await sent;
    await closeAll(listener, a, b);
  });

  fact("pausing and resuming at every read loses nothing", async (ports) => {
    const { listener, client, server } = await pair(ports);
    const message = patternBytes(1_000_000, 6);
    const b: StreamProbe = probeStream(server, {
      bufferBytes: 10_000,
      onReceived: () => {
        server.pause();
        queueMicrotask(() => server.resume());
      },
    });
    client.write(message);
    assert.deepEqual(await b.gets(message.length), Buffer.from(message));
    await closeAll(listener, probeStream(client), b);
  });

  fact("end() sends what is queued, and the other side may still answer", async (ports) => {
    const { a, b, done } = await probes(ports);
    const message = patternBytes(500_000, 7);
    a.socket.write(message);
    a.socket.end();
    await b.ended;
    assert.deepEqual(b.received(), Buffer.from(message));
    await b.send(message);
    b.socket.end();
    assert.deepEqual(await a.gets(message.length), Buffer.from(message));
    assert.equal(await a.closed, null);
    assert.equal(await b.closed, null);
    await done();
  });

  fact("destroy() closes at once and answers every write once", async (ports) => {
    const { a, b, done } = await probes(ports);
    b.socket.pause();
    const answers: (Error | null)[] = [];
    for (let index = 0; index < 20; index++) {
      a.socket.write(patternBytes(1_000_000, index), (error) => answers.push(error));
    }
    a.socket.destroy();
    assert.equal(await a.closed, null);
    await roundTrip(ports);
    assert.equal(answers.length, 20);
    assert.ok(answers.at(-1) instanceof NetError);
    b.socket.destroy();
    await b.closed;
    await done();
  });

  fact("a write after the close is answered with an error, not within the call", async (ports) => {
    const { a, b, done } = await probes(ports);
    a.socket.destroy();
    await a.closed;
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    let isWithin = true;
    a.socket.write(Uint8Array.of(1), (error) => {
      assert.equal(isWithin, false);
      resolve(error);
    });
    isWithin = false;
    assert.ok((await promise) instanceof NetError);
    b.socket.destroy();
    await b.closed;
    await done();
  });

  fact("connecting to a port where nobody listens is refused", async ({ net, host }) => {
    const listener = await net.listen({ host, port: 0 }, () => {});
    const { port } = listener.local;
    await listener.close();
    await assert.rejects(net.connect({ host, port }), { name: "NetError", code: "refused" });
  });

  fact("a connection can be cancelled", async ({ net, host }) => {
    const signal = AbortSignal.abort();
    await assert.rejects(net.connect({ host, port: 9, signal }), {
      name: "NetError",
      code: "aborted",
    });
  });

  fact("a port that is taken is named in the error", async ({ net, host }) => {
    const listener = await net.listen({ host, port: 0 }, () => {});
    const { port } = listener.local;
    await assert.rejects(
      net.listen({ host, port }, () => {}),
      (error: unknown) => {
        assert.ok(error instanceof NetError);
        assert.equal(error.code, "address-in-use");
        assert.match(error.message, new RegExp(String(port)));
        return true;
      },
    );
    await listener.close();
  });

  fact("closing a listener leaves its connections alone", async (ports) => {
    const { listener, client, server } = await pair(ports);
    const { port } = listener.local;
    await listener.close();
    await assert.rejects(ports.net.connect({ host: ports.host, port }), { code: "refused" });
    const [a, b] = [probeStream(client), probeStream(server)];
    await a.send(patternBytes(1000, 8));
    assert.equal((await b.gets(1000)).length, 1000);
    await closeAll(listener, a, b);
  });
}

async function pair({ net, host }: NetPorts): Promise<Pair> {
  const accepted = Promise.withResolvers<StreamSocket>();
  const listener = await net.listen({ host, port: 0 }, (socket) => accepted.resolve(socket));
  const client = await net.connect({ host, port: listener.local.port });
  return { listener, client, server: await accepted.promise };
}

async function probes(ports: NetPorts, bufferBytes = 64 * 1024) {
  const { listener, client, server } = await pair(ports);
  const a = probeStream(client, { bufferBytes });
  const b = probeStream(server, { bufferBytes });
  return { a, b, done: () => closeAll(listener, a, b) };
}

/** Something that takes as long as news from one end to the other, and back. */
async function roundTrip(ports: NetPorts): Promise<void> {
  const { a, b, done } = await probes(ports);
  await a.send(Uint8Array.of(1));
  await b.gets(1);
  await b.send(Uint8Array.of(2));
  await a.gets(1);
  await done();
}

async function closeAll(listener: Listener, ...ends: StreamProbe[]): Promise<void> {
  for (const { socket } of ends) socket.destroy();
  for (const end of ends) {
    await end.closed;
    assert.equal(end.faults, 0);
  }
  await listener.close();
}

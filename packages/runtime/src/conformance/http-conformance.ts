import assert from "node:assert/strict";
import type { Http, HttpResponse, HttpServerResponse, ServeBounds } from "../ports/http.ts";
import type { Listener, Net } from "../ports/net.ts";
import { createFacts, patternBytes } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";
import { probeStream } from "./stream-probe.ts";

export interface HttpPorts {
  readonly http: Http;
  readonly net: Net;
  /** An address of this world at which to listen and to which to connect. */
  readonly host: string;
  /** A Unix socket that is not there yet. */
  readonly socketPath: string;
}

type Handle = Parameters<Http["serve"]>[1];

/** Long enough for any machine to answer, short enough to wait for. */
const SHORT_MS = 150;

async function serve({ http, host }: HttpPorts, handle: Handle, bounds: ServeBounds = {}) {
  const listener = await http.serve({ host, port: 0, ...bounds }, handle);
  const authority = `${host}:${listener.local.port}`;
  return { listener, url: `http://${authority}` };
}

async function readAll({ body }: HttpResponse): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

/** A body whose parts a test counts, and whose leaving it can wait for. */
function createBody(parts: Iterable<Uint8Array | Promise<Uint8Array>>) {
  const iterator = parts[Symbol.iterator]();
  const left = Promise.withResolvers<void>();
  const body = {
    asked: 0,
    left: left.promise,
    [Symbol.asyncIterator]: () => ({
      async next(): Promise<IteratorResult<Uint8Array>> {
        body.asked++;
        const result = iterator.next();
        if (result.done === true) return { done: true, value: undefined };
        return { done: false, value: await result.value };
      },
      async return(): Promise<IteratorResult<Uint8Array>> {
        left.resolve();
        return { done: true, value: undefined };
      },
    }),
  };
  return body;
}

function* endlessly(part: Uint8Array): Generator<Uint8Array> {
  for (;;) yield part;
}

const never = new Promise<never>(() => {});

/** Sends `text` as it is, and reads nothing. */
async function connectRaw({ net, host }: HttpPorts, listener: Listener, text: string) {
  const socket = await net.connect({ host, port: listener.local.port });
  socket.write(Buffer.from(text));
  return socket;
}

const ok = (text: string): HttpServerResponse => ({ status: 200, body: Buffer.from(text) });

/** What every `Http` does with bodies, clients that misbehave, and Unix sockets. */
export function testHttp(world: string, create: CreateFixture<HttpPorts>): void {
  const fact = createFacts(`${world} HTTP`, create);
  testStreamedBodies(fact);
  testBounds(fact);
  testUnixSockets(fact);
}

type HttpFact = ReturnType<typeof createFacts<HttpPorts>>;

function testStreamedBodies(fact: HttpFact): void {
  fact("a body in parts arrives whole, in chunks unless its length is told", async (ports) => {
    const parts = [1, 70_000, 0, 300_000].map((length, index) => patternBytes(length, index));
    const lengthBytes = String(370_001);
    const { listener, url } = await serve(ports, ({ target }) => ({
      status: 200,
      ...(target === "/told" && { headers: { "Content-Length": lengthBytes } }),
      body: createBody(parts),
    }));
    for (const [path, length] of [
      ["/told", lengthBytes],
      ["/", undefined],
    ] as const) {
      const response = await ports.http.request({ url: url + path });
      assert.equal(response.headers["content-length"], length);
      assert.ok((await readAll(response)).equals(Buffer.concat(parts)), path);
    }
    await listener.close();
  });

  fact("the headers of a body in parts are there before its first part", async (ports) => {
    const first = Promise.withResolvers<Uint8Array>();
    const { listener, url } = await serve(ports, () => ({
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: createBody([first.promise]),
    }));
    const response = await ports.http.request({ url });
    assert.equal(response.headers["content-type"], "text/event-stream");
    first.resolve(Buffer.from("data: 1\n\n"));
    assert.equal((await readAll(response)).toString(), "data: 1\n\n");
    await listener.close();
  });

  fact("a HEAD gets the headers alone, and the body is left unread", async (ports) => {
    const body = createBody([patternBytes(1000, 1)]);
    const headers = { "content-length": "1000" };
    const { listener, url } = await serve(ports, () => ({ status: 200, headers, body }));
    const response = await ports.http.request({ url, method: "HEAD" });
    assert.equal(response.headers["content-length"], "1000");
    assert.equal((await readAll(response)).length, 0);
    await body.left;
    assert.equal(body.asked, 0);
    await listener.close();
  });

  fact("parts are asked for as the client takes them, and left when it goes", async (ports) => {
    const body = createBody(endlessly(patternBytes(256 * 1024, 1)));
    const gone = Promise.withResolvers<void>();
    const { listener, url } = await serve(ports, ({ signal }) => {
      signal.addEventListener("abort", () => gone.resolve());
      return { status: 200, body };
    });
    const response = await ports.http.request({ url });
    for await (const part of response.body) {
      assert.ok(part.length > 0);
      break;
    }
    await Promise.all([body.left, gone.promise]);
    // What the systems of both sides hold between them, and not more.
    assert.ok(body.asked < 100, `${body.asked}`);
    await listener.close();
  });

  fact("a body is left when its client goes while a part is awaited", async (ports) => {
    const body = createBody([Buffer.from("first"), never]);
    const { listener, url } = await serve(ports, () => ({ status: 200, body }));
    const response = await ports.http.request({ url });
    for await (const part of response.body) {
      assert.equal(Buffer.from(part).toString(), "first");
      break;
    }
    await body.left;
    await listener.close();
  });

  fact("a body that fails, or has another length, is not taken for whole", async (ports) => {
    const parts = function* () {
      yield Buffer.from("half");
      throw new Error("a bug");
    };
    const headers = { "content-length": "8" };
    const bodies: Record<string, () => HttpServerResponse> = {
      "/fails": () => ({ status: 200, body: createBody(parts()) }),
      "/fails-told": () => ({ status: 200, headers, body: createBody(parts()) }),
      "/short": () => ({ status: 200, headers, body: createBody([Buffer.from("half")]) }),
    };
    const { listener, url } = await serve(ports, ({ target }) => bodies[target]!());
    for (const path of Object.keys(bodies)) {
      const reading = ports.http.request({ url: url + path }).then(readAll);
      await assert.rejects(reading, { name: "HttpError", code: "failed" }, path);
    }
    await listener.close();
  });
}

function testBounds(fact: HttpFact): void {
  fact("a client that takes nothing of its answer is cut off", async (ports) => {
    const bodies = [new Uint8Array(16 * 2 ** 20), createBody(endlessly(patternBytes(65_536, 1)))];
    for (const body of bodies) {
      const gone = Promise.withResolvers<void>();
      const handle: Handle = ({ signal }) => {
        signal.addEventListener("abort", () => gone.resolve());
        return { status: 200, body };
      };
      const { listener } = await serve(ports, handle, { idleTimeoutMs: SHORT_MS });
      const socket = await connectRaw(ports, listener, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await gone.promise;
      if (!(body instanceof Uint8Array)) await body.left;
      socket.destroy();
      await listener.close();
    }
  });

  fact("a client that is kept waiting for a part is not cut off", async (ports) => {
    const late = Promise.withResolvers<Uint8Array>();
    const { listener, url } = await serve(
      ports,
      () => ({ status: 200, body: createBody([Buffer.from("a"), late.promise]) }),
      { idleTimeoutMs: 1 },
    );
    const response = await ports.http.request({ url });
    // Another connection is cut for being idle meanwhile.
    const gone = Promise.withResolvers<void>();
    const other = await serve(
      ports,
      ({ signal }) => {
        signal.addEventListener("abort", () => gone.resolve());
        return { status: 200, body: createBody(endlessly(patternBytes(65_536, 1))) };
      },
      { idleTimeoutMs: SHORT_MS },
    );
    const socket = await connectRaw(ports, other.listener, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await gone.promise;
    late.resolve(Buffer.from("b"));
    assert.equal((await readAll(response)).toString(), "ab");
    socket.destroy();
    await other.listener.close();
    await listener.close();
  });

  fact("a request that does not arrive in time, head or body, is cut off", async (ports) => {
    const bounds = { requestTimeoutMs: SHORT_MS, maxBodyBytes: 100 };
    const { listener } = await serve(ports, () => ok("never"), bounds);
    for (const text of [
      "",
      "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
    ]) {
      const probe = probeStream(await connectRaw(ports, listener, text));
      await Promise.race([probe.ended, probe.closed]);
      assert.doesNotMatch(probe.received().toString(), /never/);
      probe.socket.destroy();
    }
    await listener.close();
  });

  fact("how long a body may be is decided for each target before it is read", async (ports) => {
    const maxBodyBytes = async ({ method, target }: { method: string; target: string }) =>
      method === "POST" && target === "/torrents?paused" ? 1_000_000 : 10;
    const { listener, url } = await serve(ports, ({ body }) => ok(`${body.length}`), {
      maxBodyBytes,
    });
    const post = async (path: string, lengthBytes: number, method = "POST") => {
      const body = new Uint8Array(lengthBytes);
      const response = await ports.http.request({ url: url + path, method, body });
      return `${response.status} ${(await readAll(response)).toString()}`;
    };
    assert.equal(await post("/torrents?paused", 1_000_000), "200 1000000");
    assert.equal(await post("/other", 10), "200 10");
    assert.equal(await post("/other", 11), "413 ");
    assert.equal(await post("/torrents?paused", 11, "PUT"), "413 ");
    await listener.close();
  });

  fact(
    "a request whose body is too long may be answered otherwise, without reading it",
    async (ports) => {
      const { listener, url } = await serve(ports, () => ok("never"), {
        maxBodyBytes: 10,
        refuseLong: async ({ target }) => ({ status: 401, body: Buffer.from(target) }),
      });
      const body = new Uint8Array(100_000);
      const response = await ports.http.request({ url: `${url}/long`, method: "POST", body });
      assert.equal(`${response.status} ${(await readAll(response)).toString()}`, "401 /long");
      await listener.close();
    },
  );

  for (const bound of ["maxConnections", "maxConnectionsPerAddress"] as const) {
    fact(`connections beyond ${bound} are closed, until others have gone`, async (ports) => {
      const { listener, url } = await serve(ports, () => ok("here"), { [bound]: 2 });
      const ask = "GET / HTTP/1.1\r\nHost: a\r\n";
      const first = probeStream(await connectRaw(ports, listener, ask));
      const second = probeStream(await connectRaw(ports, listener, ask));
      const third = probeStream(await connectRaw(ports, listener, `${ask}\r\n`));
      await Promise.race([third.ended, third.closed]);
      assert.equal(third.received().length, 0);
      third.socket.destroy();
      first.socket.destroy();
      second.socket.write(Buffer.from("Connection: close\r\n\r\n"));
      await second.ended;
      assert.match(second.received().toString(), /here$/);
      second.socket.destroy();
      await second.closed;
      const response = await ports.http.request({ url });
      assert.equal((await readAll(response)).toString(), "here");
      await listener.close();
    });
  }
}

function testUnixSockets(fact: HttpFact): void {
  fact("a request over a Unix socket is told from one that came by TCP", async (ports) => {
    const handle: Handle = ({ transport, remote, headers, target }) =>
      ok(`${transport} ${remote.address === "" ? "-" : "address"} ${headers["host"]} ${target}`);
    const { listener, url } = await serve(ports, handle);
    const atPath = await ports.http.serve({ path: ports.socketPath }, handle);
    assert.deepEqual(atPath.local, { address: ports.socketPath, port: 0 });
    const refuse = () => assert.fail("no address is connected to");
    const byPath = await ports.http.request({
      url: "http://shoal/a?b",
      socketPath: ports.socketPath,
      allow: refuse,
    });
    assert.equal((await readAll(byPath)).toString(), "unix - shoal /a?b");
    const byTcp = await readAll(await ports.http.request({ url }));
    assert.match(byTcp.toString(), /^tcp address /);
    await atPath.close();
    await listener.close();
  });

  fact("a Unix socket is one server's at a time, and gone when that closes", async (ports) => {
    const { http, socketPath } = ports;
    const ask = async () => {
      const response = await http.request({ url: "http://shoal/", socketPath });
      return (await readAll(response)).toString();
    };
    await assert.rejects(ask(), { name: "HttpError", code: "refused" });
    const first = await http.serve({ path: socketPath }, () => ok("first"));
    const second = http.serve({ path: socketPath }, () => ok("second"));
    await assert.rejects(second, { name: "NetError", code: "address-in-use" });
    assert.equal(await ask(), "first");
    await first.close();
    await assert.rejects(ask(), { code: "refused" });
    const third = await http.serve({ path: socketPath }, () => ok("third"));
    assert.equal(await ask(), "third");
    const secure = http.request({ url: "https://shoal/", socketPath });
    await assert.rejects(secure, { code: "failed" });
    await third.close();
  });
}

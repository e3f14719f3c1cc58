import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Http, HttpResponse, HttpServerRequest, HttpServerResponse } from "../ports/http.ts";
import { createNodeRuntime } from "./create-node-runtime.ts";

type Handle = (request: HttpServerRequest) => HttpServerResponse;

async function withServer(
  handle: Handle,
  body: (http: Http, url: string) => Promise<void>,
): Promise<void> {
  const runtime = await createNodeRuntime();
  const server = await runtime.http.serve({ host: "127.0.0.1", port: 0 }, handle);
  try {
    await body(runtime.http, `http://127.0.0.1:${server.local.port}`);
  } finally {
    await server.close();
    await runtime.close();
  }
}

async function readText(response: HttpResponse): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of response.body) parts.push(part);
  return Buffer.concat(parts).toString();
}

const text = (
  status: number,
  body: string,
  headers: Record<string, string> = {},
): HttpServerResponse => ({
  status,
  headers,
  body: Buffer.from(body),
});

const redirects: Handle = ({ target }) => {
  const hops = Number(target.slice(1));
  return hops === 0 ? text(200, "there") : text(302, "", { location: `/${hops - 1}` });
};

test("a request reaches the handler with its target as sent, and the answer comes back", async () => {
  const handle: Handle = ({ method, target, headers, remote }) =>
    text(200, [method, target, headers["x-a"], remote.address].join(" "), { "x-b": "2" });
  await withServer(handle, async (http, url) => {
    const response = await http.request({
      url: `${url}/a?info_hash=%ff%00b`,
      headers: { "X-A": "1" },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers["x-b"], "2");
    assert.equal(await readText(response), "GET /a?info_hash=%ff%00b 1 127.0.0.1");
  });
});

test("redirects are followed as far as asked, and the address at the end is told", async () => {
  await withServer(redirects, async (http, url) => {
    const response = await http.request({ url: `${url}/3`, maxRedirects: 3 });
    assert.deepEqual([await readText(response), response.url], ["there", `${url}/0`]);
    const tooFar = http.request({ url: `${url}/3`, maxRedirects: 2 });
    await assert.rejects(tooFar, { name: "HttpError", code: "too-many-redirects" });
    await assert.rejects(http.request({ url: `${url}/1` }), { code: "too-many-redirects" });
  });
});

test("every address is shown to the guard before it is connected to, on kept connections too", async () => {
  await withServer(redirects, async (http, url) => {
    const seen: (string | undefined)[] = [];
    const allow = ({
      address,
      redirectedFrom,
    }: {
      address: string;
      redirectedFrom: URL | null;
    }) => {
      assert.equal(address, "127.0.0.1");
      seen.push(redirectedFrom?.pathname);
    };
    await readText(await http.request({ url: `${url}/1`, maxRedirects: 1, allow }));
    assert.deepEqual(new Set(seen), new Set([undefined, "/1"]));
    await readText(await http.request({ url: `${url}/0` }));
    const refuse = () => {
      throw new RangeError("private network");
    };
    await assert.rejects(
      http.request({ url: `${url}/0`, allow: refuse }),
      new RangeError("private network"),
    );
  });
});

test("a name is looked up once: the guard saw the addresses that are connected to", async () => {
  await withServer(redirects, async (http, url) => {
    const seen: string[] = [];
    const named = url.replace("127.0.0.1", "localhost");
    const response = await http.request({
      url: `${named}/0`,
      allow: ({ address }) => void seen.push(address),
    });
    assert.equal(await readText(response), "there");
    assert.ok(seen.includes("127.0.0.1"));
  });
});

test("credentials stay with the host that they were meant for", async () => {
  await withServer(
    ({ headers }) => text(200, headers["authorization"] ?? "none"),
    async (http, url) => {
      const away: Handle = () => text(307, "", { location: `${url}/` });
      await withServer(away, async (_, first) => {
        const headers = { Authorization: "secret" };
        assert.equal(await readText(await http.request({ url, headers })), "secret");
        const response = await http.request({ url: first, headers, maxRedirects: 1 });
        assert.equal(await readText(response), "none");
      });
    },
  );
});

test("a request with a body is answered 413, and a failing handler 500", async () => {
  const failing: Handle = () => {
    throw new Error("secret detail");
  };
  await withServer(failing, async (http, url) => {
    const post = await http.request({ url, method: "POST", body: Uint8Array.of(1, 2) });
    assert.deepEqual([post.status, await readText(post)], [413, ""]);
    const get = await http.request({ url });
    assert.deepEqual([get.status, await readText(get)], [500, ""]);
  });
});

/** A server that answers every connection with the same bytes. */
async function withRawServer(
  answer: string,
  body: (http: Http, url: string) => Promise<void>,
): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const runtime = await createNodeRuntime();
  try {
    await body(runtime.http, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    await runtime.close();
    server.close();
  }
}

test("a request over a kept connection that its server has just closed goes out again over a new one", async () => {
  const connections: number[] = [];
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  const server = createServer((socket) => {
    const index = connections.push(0) - 1;
    socket.on("error", () => {});
    socket.on("data", () => {
      // The first connection answers once, and is gone when it is asked again.
      if (connections[index]!++ === 0) socket.write(answer);
      else socket.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const runtime = await createNodeRuntime();
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    assert.equal(await readText(await runtime.http.request({ url })), "ok");
    assert.equal(await readText(await runtime.http.request({ url })), "ok");
    assert.deepEqual(connections, [2, 1]);
    // What may change something is not sent twice.
    const post = { url, method: "POST", body: Uint8Array.of(1) };
    await assert.rejects(runtime.http.request(post), { name: "HttpError" });
    assert.deepEqual(connections, [2, 2]);
  } finally {
    await runtime.close();
    server.close();
  }
});

test("a server that sends nothing, or stops in the body, runs into the timeout", async () => {
  await withRawServer("", async (http, url) => {
    await assert.rejects(http.request({ url, timeoutMs: 30 }), {
      code: "timeout",
      message: /30 ms/,
    });
  });
  await withRawServer("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", async (http, url) => {
    const response = await http.request({ url, timeoutMs: 200 });
    await assert.rejects(readText(response), { code: "timeout" });
  });
});

test("an answer that is not HTTP is a bad response", async () => {
  await withRawServer("SSH-2.0-server\r\n\r\n", async (http, url) => {
    await assert.rejects(http.request({ url }), { name: "HttpError", code: "bad-response" });
  });
});

test("a request can be cancelled, before it is sent and while it waits", async () => {
  await withRawServer("", async (http, url) => {
    await assert.rejects(http.request({ url, signal: AbortSignal.abort() }), { code: "aborted" });
    const controller = new AbortController();
    const request = http.request({ url, signal: controller.signal });
    controller.abort();
    await assert.rejects(request, { code: "aborted" });
  });
});

test("a body is not read faster than it is asked for, and leaving it closes the connection", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("close", () => resolve(socket.bytesWritten));
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
      const pump = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      };
      socket.on("drain", pump);
      pump();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const runtime = await createNodeRuntime();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  let readBytes = 0;
  for await (const part of (await runtime.http.request({ url })).body) {
    readBytes += part.length;
    if (readBytes > 100_000) break;
  }
  assert.ok((await closed) < 100_000_000);
  await runtime.close();
  server.close();
});

test("other schemes and closed ports are refused with what to do", async () => {
  const runtime = await createNodeRuntime();
  const { http } = runtime;
  await assert.rejects(http.request({ url: "file:///etc/passwd" }), {
    code: "failed",
    message: /http or https/,
  });
  await assert.rejects(http.request({ url: "http://127.0.0.1:1/" }), { code: "refused" });
  await runtime.close();
});

test("a body reaches the handler where bodies are allowed, and one that is too long is refused", async () => {
  const runtime = await createNodeRuntime();
  const handle: Handle = ({ body }) => text(200, `${body.length} ${body[0]} ${body.at(-1)}`);
  const options = { host: "127.0.0.1", port: 0, maxBodyBytes: 100_000 };
  const server = await runtime.http.serve(options, handle);
  const url = `http://127.0.0.1:${server.local.port}/`;
  const post = async (body: Uint8Array) =>
    await runtime.http.request({ url, method: "POST", body });
  assert.equal(await readText(await post(new Uint8Array(100_000).fill(7))), "100000 7 7");
  assert.equal((await post(new Uint8Array(100_001))).status, 413);
  // In chunks, whose number nobody has announced.
  const chunks = async (count: number) => {
    const body = ReadableStream.from(Array.from({ length: count }, () => new Uint8Array(10_000)));
    return await fetch(url, { method: "POST", body, duplex: "half" });
  };
  assert.equal(await (await chunks(3)).text(), "30000 0 0");
  assert.equal(
    await chunks(11).then(
      ({ status }) => status,
      () => 413,
    ),
    413,
  );
  await server.close();
  await runtime.close();
});

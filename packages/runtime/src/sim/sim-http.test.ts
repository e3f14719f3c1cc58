import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpRequest, HttpServerResponse } from "../ports/http.ts";
import { createContent } from "./content.ts";
import { withWorld } from "./with-world.ts";
import { createWorld } from "./world.ts";
import type { SimWorld } from "./world.ts";

async function createWeb(world: SimWorld) {
  const client = world.host({ address: "10.0.0.1" });
  const server = world.host({ address: "10.0.0.2", upBytesPerSecond: 1_000_000 });
  world.name("web.example", [server.address]);
  const content = createContent("web", 3_000_000);
  await server.http.serve({ port: 80 }, async ({ target, method, headers }) => {
    const text = (body: string, more: Partial<HttpServerResponse> = {}) => ({
      status: 200,
      body: Buffer.from(body),
      ...more,
    });
    if (target === "/content") return { status: 200, body: content };
    if (target === "/away") return text("", { status: 302, headers: { location: "/echo?x=%ff" } });
    if (target === "/round") return text("", { status: 301, headers: { location: "/round" } });
    if (target === "/broken") throw new Error("a bug");
    return text(`${method} ${target} ${headers["x-one"] ?? ""}`, { headers: { "X-Two": "2" } });
  });
  const get = async (request: HttpRequest) => {
    const response = await client.http.request(request);
    const parts: Uint8Array[] = [];
    for await (const part of response.body) parts.push(part);
    return { ...response, bytes: Buffer.concat(parts) };
  };
  return {
    client,
    server,
    content,
    get: (path: string, more: Partial<HttpRequest> = {}) =>
      world.complete(get({ url: `http://web.example${path}`, ...more })),
  };
}

test("a request reaches the handler as it was sent, and its answer comes back", async () => {
  await withWorld({}, async (world) => {
    const { get } = await createWeb(world);
    const { status, headers, bytes } = await get("/echo?a=%00%ff", { headers: { "X-One": "1" } });
    assert.deepEqual(
      [status, headers["x-two"], bytes.toString()],
      [200, "2", "GET /echo?a=%00%ff 1"],
    );
    assert.equal((await get("/broken")).status, 500);
    assert.equal((await get("/echo", { method: "POST", body: Uint8Array.of(1) })).status, 413);
  });
});

test("a body takes the time of its server's line", async () => {
  await withWorld({}, async (world) => {
    const { get, content } = await createWeb(world);
    const { bytes } = await get("/content");
    assert.ok(bytes.equals(content));
    assert.ok(world.timeMs > 3000 && world.timeMs < 3400, `${world.timeMs}`);
  });
});

test("redirects are followed as far as asked, and every address must be allowed", async () => {
  await withWorld({}, async (world) => {
    const { get } = await createWeb(world);
    const asked: string[] = [];
    const { bytes, url } = await get("/away", {
      maxRedirects: 1,
      allow: (target) => asked.push(`${target.address} ${target.redirectedFrom?.pathname ?? ""}`),
    });
    assert.equal(bytes.toString(), "GET /echo?x=%ff ");
    assert.equal(url, "http://web.example/echo?x=%ff");
    assert.deepEqual(asked, ["10.0.0.2 ", "10.0.0.2 /away"]);
    await assert.rejects(get("/away"), { code: "too-many-redirects" });
    await assert.rejects(get("/round", { maxRedirects: 3 }), { code: "too-many-redirects" });
    const refusal = new Error("not there");
    const allow = () => {
      throw refusal;
    };
    await assert.rejects(get("/echo", { allow }), refusal);
  });
});

test("a request fails as refused, timed out, aborted or with a bad response", async () => {
  const world = createWorld({ seed: 1 });
  const { client, server, get } = await createWeb(world);
  await server.net.listen({ port: 81 }, () => {});
  await server.net.listen({ port: 82 }, (socket) => socket.write(Buffer.from("SSH-2.0\r\n\r\n")));
  const ask = (port: number, more: Partial<HttpRequest> = {}) =>
    world.complete(client.http.request({ url: `http://10.0.0.2:${port}/`, ...more }));
  await assert.rejects(ask(83), { code: "refused" });
  await assert.rejects(ask(81, { timeoutMs: 500 }), { code: "timeout" });
  await assert.rejects(ask(82), { code: "bad-response" });
  const controller = new AbortController();
  client.clock.setTimer(200, () => controller.abort());
  await assert.rejects(ask(81, { signal: controller.signal }), { code: "aborted" });
  await assert.rejects(get("/echo", { url: "http://nowhere.example/" }), { code: "failed" });
});

test("a chunked body, and one that ends with its connection, are read to their end", async () => {
  await withWorld({}, async (world) => {
    const { client, server } = await createWeb(world);
    const answers = [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\nabcde",
    ];
    for (const [index, answer] of answers.entries()) {
      await server.net.listen({ port: 90 + index }, (socket) => {
        socket.write(Buffer.from(answer));
        socket.end();
      });
      const read = async () => {
        const { body } = await client.http.request({ url: `http://10.0.0.2:${90 + index}/` });
        const parts: Uint8Array[] = [];
        for await (const part of body) parts.push(part);
        return Buffer.concat(parts).toString();
      };
      assert.equal(await world.complete(read()), "abcde");
    }
  });
});

test("a body reaches the handler where bodies are allowed, and one that is too long is refused", async () => {
  await withWorld({}, async (world) => {
    const host = world.host({ address: "10.0.0.1" });
    await host.http.serve({ port: 80, maxBodyBytes: 100_000 }, ({ body }) => ({
      status: 200,
      body: Buffer.from(`${body.length} ${body[0]}`),
    }));
    const post = async (lengthBytes: number) => {
      const body = new Uint8Array(lengthBytes).fill(7);
      const answer = await host.http.request({ url: "http://10.0.0.1/", method: "POST", body });
      const parts: Uint8Array[] = [];
      for await (const part of answer.body) parts.push(part);
      return [answer.status, Buffer.concat(parts).toString()];
    };
    assert.deepEqual(await world.complete(post(100_000)), [200, "100000 7"]);
    assert.deepEqual(await world.complete(post(100_001)), [413, ""]);
  });
});

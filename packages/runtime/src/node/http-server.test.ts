import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { NetError } from "../errors.ts";
import { testHttp } from "../conformance/http-conformance.ts";
import type { Runtime } from "../ports/runtime.ts";
import { createNodeRuntime } from "./create-node-runtime.ts";

async function withFolder(body: (folder: string, runtime: Runtime) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "shoal-http-"));
  const runtime = await createNodeRuntime();
  try {
    await body(folder, runtime);
  } finally {
    await runtime.close();
    await rm(folder, { recursive: true });
  }
}

testHttp("node", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shoal-http-"));
  const runtime = await createNodeRuntime();
  const { http, net } = runtime;
  return {
    ports: { http, net, host: "127.0.0.1", socketPath: join(folder, "run", "api.sock") },
    run: (body) => body(),
    async close() {
      await runtime.close();
      await rm(folder, { recursive: true });
    },
  };
});

const here = () => ({ status: 200, body: Buffer.from("here") });

async function ask({ http }: Runtime, socketPath: string): Promise<number> {
  const response = await http.request({ url: "http://shoal/", socketPath });
  for await (const part of response.body) assert.equal(Buffer.from(part).toString(), "here");
  return response.status;
}

test("only its user may connect to a Unix socket, or look into the folder that was made for it", () =>
  withFolder(async (folder, { http }) => {
    const path = join(folder, "run", "api.sock");
    const listener = await http.serve({ path }, here);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, "run"))).mode & 0o777, 0o700);
    const whileOpen = await readdir(join(folder, "run"));
    await listener.close();
    const isOurs = (name: string) => name.startsWith("api.sock");
    assert.deepEqual([whileOpen.includes("api.sock"), whileOpen.every(isOurs)], [true, true]);
    assert.deepEqual(await readdir(join(folder, "run")), ["api.sock.lock"]);
  }));

test("a Unix socket that a killed program left is taken over, by one of those that want it", () =>
  withFolder(async (folder, runtime) => {
    const path = join(folder, "api.sock");
    const listen = `require("net").createServer().listen(process.argv[1], () => console.log("on"))`;
    const dead = spawn(process.execPath, ["-e", listen, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(dead.stdout, "data");
    dead.kill("SIGKILL");
    await once(dead, "exit");
    await assert.rejects(ask(runtime, path), { code: "refused" });
    const attempts = Array.from({ length: 4 }, () => runtime.http.serve({ path }, here));
    const results = await Promise.allSettled(attempts);
    const got = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    assert.equal(got.length, 1);
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      assert.equal((result.reason as NetError).code, "address-in-use");
    }
    assert.equal(await ask(runtime, path), 200);
    await got[0]?.close();
    assert.deepEqual(await readdir(folder), ["api.sock.lock"]);
  }));

test("a file that is no socket is left where it is, and a folder that is closed is denied", () =>
  withFolder(async (folder, { http }) => {
    const path = join(folder, "api.sock");
    await writeFile(path, "mine");
    await assert.rejects(http.serve({ path }, here), { code: "address-in-use" });
    assert.equal(await readFile(path, "utf8"), "mine");
    await chmod(folder, 0o500);
    // Root may write everywhere.
    if (process.getuid?.() !== 0) {
      const other = http.serve({ path: join(folder, "other.sock") }, here);
      await assert.rejects(other, { code: "denied" });
    }
    await chmod(folder, 0o700);
  }));

for (const [count, title] of [
  [10, "a client that sends a few requests ahead and reads no answer is cut off"],
  [1000, "a client that sends more requests ahead than answers may wait is cut off at once"],
] as const) {
  test(title, () =>
    withFolder(async (_, { http }) => {
      const gone = Promise.withResolvers<void>();
      let asked = 0;
      const options = { host: "127.0.0.1", port: 0, idleTimeoutMs: count === 10 ? 100 : 60_000 };
      const listener = await http.serve(options, ({ signal }) => {
        asked++;
        signal.addEventListener("abort", () => gone.resolve());
        return { status: 200, body: new Uint8Array(2 * 2 ** 20) };
      });
      const socket = connect(listener.local.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.pause();
      socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
      await gone.promise;
      assert.ok(asked <= 17, `${asked}`);
      socket.destroy();
      await listener.close();
    }),
  );
}

test("requests sent ahead are answered in their order, however slow the first is", () =>
  withFolder(async (_, { http }) => {
    const slow = Promise.withResolvers<void>();
    const listener = await http.serve({ host: "127.0.0.1", port: 0 }, async ({ target }) => {
      if (target === "/8") slow.resolve();
      if (target === "/0") await slow.promise;
      return { status: 200, body: Buffer.from(target) };
    });
    const socket = connect(listener.local.port, "127.0.0.1");
    let answers = "";
    socket.on("data", (part) => (answers += String(part)));
    for (let index = 0; index < 9; index++) {
      const last = index === 8 ? "Connection: close\r\n" : "";
      socket.write(`GET /${index} HTTP/1.1\r\nHost: a\r\n${last}\r\n`);
    }
    await once(socket, "close");
    const order = [...answers.matchAll(/\r\n\r\n\/(\d)/g)].map(([, index]) => index).join("");
    assert.equal(order, "012345678");
    await listener.close();
  }));

test("headers arrive by their names in lower case, repeated ones joined, whatever they are called", () =>
  withFolder(async (_, { http }) => {
    const listener = await http.serve({ host: "127.0.0.1", port: 0 }, ({ headers }) => ({
      status: 200,
      body: Buffer.from(JSON.stringify(headers)),
    }));
    const socket = connect(listener.local.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (part) => (answer += String(part)));
    const lines = [
      "Host: a",
      "X-One: 1",
      "x-one: 2",
      "Constructor: c",
      "toString: t",
      "Connection: close",
    ];
    socket.write(`GET / HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    await once(socket, "close");
    assert.deepEqual(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))), {
      host: "a",
      "x-one": "1, 2",
      constructor: "c",
      tostring: "t",
      connection: "close",
    });
    await listener.close();
  }));

test("chunks without end are refused as soon as they are too long", () =>
  withFolder(async (_, { http }) => {
    const options = { host: "127.0.0.1", port: 0, maxBodyBytes: () => 1000 };
    const listener = await http.serve(options, here);
    const socket = connect(listener.local.port, "127.0.0.1");
    socket.on("error", () => {});
    let answer = "";
    socket.on("data", (part) => (answer += String(part)));
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let sent = 0; sent < 5; sent++) socket.write(`100\r\n${"x".repeat(256)}\r\n`);
    await once(socket, "close");
    assert.match(answer, /^HTTP\/1\.1 413 /);
    await listener.close();
  }));

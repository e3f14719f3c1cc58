import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { NetError } from "../errors.ts";
import { testStreams } from "../conformance/net-conformance.ts";
import { createNodeRuntime } from "../node/create-node-runtime.ts";
import type { Net } from "../ports/net.ts";
import type { Runtime } from "../ports/runtime.ts";
import { createWorld } from "../sim/world.ts";
import { startTestProxy } from "../testing/test-proxy.ts";
import type { TestProxyOptions } from "../testing/test-proxy.ts";
import { createProxiedRuntime, reachProxy } from "./create-proxied-runtime.ts";

type Kind = TestProxyOptions["kind"];

/** Connects through a proxy, and listens without: the two sides of one test. */
for (const kind of ["socks5", "http"] as const) {
  testStreams(`node through ${kind}`, async () => {
    const runtime = await createNodeRuntime();
    const proxy = await startTestProxy({ ...runtime, host: "127.0.0.1", kind });
    const { net } = createProxiedRuntime(runtime, { url: proxy.url });
    const connect: Net["connect"] = (options) => net.connect(options);
    return {
      ports: { net: { ...runtime.net, connect }, host: "127.0.0.1", isProxied: true },
      run: (body) => body(),
      async close() {
        await proxy.close();
        await runtime.close();
      },
    };
  });
}

/** A client, a proxy and a server, on a host each. */
function createScene() {
  const world = createWorld({ seed: 1 });
  const client = world.host({ address: ["10.0.0.1", "2001:db8::1"] });
  const proxyHost = world.host({ address: ["10.0.0.2", "2001:db8::2"] });
  const server = world.host({ address: ["10.0.0.3", "2001:db8::3"] });
  world.name("web.example", ["10.0.0.3"]);
  world.name("proxy.example", ["10.0.0.2"]);
  const start = (kind: Kind, more: Partial<TestProxyOptions> = {}) =>
    startTestProxy({ net: proxyHost.net, dns: proxyHost.dns, host: "10.0.0.2", kind, ...more });
  return { world, client, proxyHost, server, start };
}

async function readText(runtime: Runtime, url: string): Promise<string> {
  const { body } = await runtime.http.request({ url });
  let text = "";
  for await (const part of body) text += Buffer.from(part).toString();
  return text;
}

suite("a proxied runtime", () => {
  for (const kind of ["socks5", "http"] as const) {
    test(`${kind}: HTTP and WebSockets go through it, names and all`, async () => {
      const { world, client, server, start } = createScene();
      await world.complete(
        (async () => {
          const proxy = await start(kind, { credentials: "ann:secret" });
          const remotes = new Set<string>();
          await server.http.serve(
            { port: 80 },
            ({ remote }) => {
              remotes.add(remote.address);
              return { status: 200, body: Buffer.from("here") };
            },
            ({ remote }) => {
              remotes.add(remote.address);
              return (connection) => {
                connection.receive({ message: (text) => connection.send(text), closed() {} });
              };
            },
          );
          const url = proxy.url.replace("://", "://ann:secret@");
          const runtime = createProxiedRuntime(client, { url });
          assert.equal(await readText(runtime, "http://web.example/"), "here");
          const socket = await runtime.http.openWebSocket({ url: "ws://web.example/" });
          const echoed = Promise.withResolvers<string>();
          socket.receive({ message: echoed.resolve, closed() {} });
          socket.send("hello");
          assert.equal(await echoed.promise, "hello");
          socket.close();
          assert.deepEqual(proxy.asked, ["connect web.example 80", "connect web.example 80"]);
          assert.deepEqual([...remotes], ["10.0.0.2"]);
        })(),
      );
    });

    test(`${kind}: what the proxy cannot do is refused, and nothing leaves`, async () => {
      const { world, client, start } = createScene();
      await world.complete(
        (async () => {
          const proxy = await start(kind, { isWithoutUdp: true });
          const { net, dns, http } = createProxiedRuntime(client, { url: proxy.url });
          const page = { status: 200, body: new Uint8Array() };
          await assert.rejects(
            net.listen({ port: 0 }, () => {}),
            { code: "off" },
          );
          await assert.rejects(
            net.bindUdp({ port: 0 }, () => {}),
            { code: "off" },
          );
          await assert.rejects(
            http.serve({ port: 0 }, () => page),
            { code: "off" },
          );
          await assert.rejects(dns.resolve("web.example"), { code: "failed" });
          assert.deepEqual(await dns.resolve("web.example", { mayStayName: true }), [
            "web.example",
          ]);
          assert.deepEqual(await dns.resolve("10.0.0.3"), ["10.0.0.3"]);
          await assert.rejects(net.connect({ host: "10.0.0.3", port: 9 }), (error) =>
            ["refused", "unreachable"].includes((error as NetError).code),
          );
          await assert.rejects(net.connect({ host: "a\r\nX: y", port: 9 }), {
            code: "unreachable",
          });
        })(),
      );
    });

    test(`${kind}: a proxy that is away, or refuses the password, is a clear error`, async () => {
      const { world, client, start } = createScene();
      await world.complete(
        (async () => {
          const url = `${kind}://ann:secret@proxy.example:99`;
          for (const attempt of [
            reachProxy(client, { url }),
            createProxiedRuntime(client, { url }).net.connect({ host: "10.0.0.3", port: 80 }),
          ]) {
            await assert.rejects(attempt, (error) => {
              assert.ok(error instanceof NetError);
              assert.equal(error.code, "proxy-failed");
              assert.match(error.message, /proxy\.example:99 cannot be used/);
              assert.doesNotMatch(error.message, /secret|ann:/);
              return true;
            });
          }
          const proxy = await start(kind, { credentials: "ann:right" });
          for (const user of ["", "ann:wrong@"]) {
            const wrong = proxy.url.replace("://", `://${user}`);
            const { net } = createProxiedRuntime(client, { url: wrong });
            await assert.rejects(net.connect({ host: "10.0.0.3", port: 80 }), {
              code: "proxy-failed",
            });
          }
        })(),
      );
    });
  }

  test("socks5: datagrams go both ways through it, to names too, and from nobody else", async () => {
    const { world, client, server, start } = createScene();
    await world.complete(
      (async () => {
        const proxy = await start("socks5");
        const { net } = createProxiedRuntime(client, { url: proxy.url });
        const got: string[] = [];
        let wake = (): void => {};
        const socket = await net.bindUdp({ port: 0 }, (bytes, from) => {
          got.push(`${Buffer.from(bytes).toString()} ${from.address} ${from.port}`);
          wake();
        });
        const echo = await server.net.bindUdp({ port: 7 }, (bytes, from) => {
          assert.equal(from.address, "10.0.0.2");
          echo.send(bytes.slice(), from);
        });
        for (const address of ["10.0.0.3", "web.example"]) {
          const more = Promise.withResolvers<void>();
          wake = more.resolve;
          assert.ok(socket.send(Buffer.from(address), { address, port: 7 }));
          await more.promise;
        }
        // Dropped, and not sent some other way.
        socket.send(Uint8Array.of(1), { address: "10.0.0.3", port: 0 });
        assert.deepEqual(got, ["10.0.0.3 10.0.0.3 7", "web.example 10.0.0.3 7"]);
        assert.deepEqual(proxy.asked, ["udp", "datagram web.example 7"]);
        await socket.close();
        await echo.close();
      })(),
    );
  });

  test("socks5: when the proxy goes away datagrams are lost, and go again once it is back", async () => {
    const { world, client, server, start } = createScene();
    await world.complete(
      (async () => {
        const first = await start("socks5", { port: 1080 });
        const { net } = createProxiedRuntime(client, { url: first.url });
        const heard = Promise.withResolvers<string>();
        const ear = await server.net.bindUdp({ port: 7 }, (_bytes, from) => {
          heard.resolve(from.address);
        });
        const socket = await net.bindUdp({ port: 0 }, () => {});
        await first.close();
        await new Promise<void>((resolve) => client.clock.setTimer(100, resolve));
        socket.send(Uint8Array.of(1), { address: "10.0.0.3", port: 7 });
        const second = await start("socks5", { port: 1080 });
        const sending = client.clock.setRepeating(500, () => {
          socket.send(Uint8Array.of(2), { address: "10.0.0.3", port: 7 });
        });
        assert.equal(await heard.promise, "10.0.0.2");
        sending.cancel();
        await socket.close();
        await ear.close();
        await second.close();
      })(),
    );
  });
});

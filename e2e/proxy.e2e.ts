import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test, type TestContext } from "node:test";
import { createNodeRuntime } from "@shoal/runtime/node";
import {
  startTestProxy,
  type TestProxy,
  type TestProxyOptions,
} from "../packages/runtime/src/testing/test-proxy.ts";
import { fromHex } from "../packages/protocol/src/index.ts";
import { serveFolder } from "./quick/file-server.ts";
import { CERTIFICATE, KEY } from "./quick/localhost-certificate.ts";
import { startSmallDht } from "./quick/small-dht.ts";
import { createWorkspace, patternBytes } from "./quick/workspace.ts";

const HOST = "127.0.0.1";
const CONTENT = patternBytes(700_001, 5);

async function startProxy(
  t: TestContext,
  kind: TestProxyOptions["kind"],
  credentials?: string,
): Promise<TestProxy> {
  const runtime = await createNodeRuntime();
  const { net, dns } = runtime;
  const secret = credentials === undefined ? {} : { credentials };
  const proxy = await startTestProxy({ net, dns, host: HOST, kind, ...secret });
  t.after(async () => {
    await proxy.close();
    await runtime.close();
  });
  return proxy;
}

suite("proxies", { timeout: 120_000 }, () => {
  for (const kind of ["socks5", "http"] as const) {
    test(`${kind}: tracker and peer are reached through it alone`, async (t) => {
      const space = createWorkspace(t);
      const proxy = await startProxy(t, kind, "ann:secret");
      const tracker = space.start(["tracker", "--host", HOST, "--port", "0"]);
      const { http, udp } = (await tracker.waitFor("listening")) as unknown as {
        http: string;
        udp: string;
      };
      space.write("film", CONTENT);
      await space.json(["create", "film", "-o", "f.torrent", "--tracker", http, "--tracker", udp]);
      const seeder = space.start(["seed", "f.torrent", "--dir", ".", "--host", HOST]);
      const isSeeding = ({ event, ...rest }: { event: string; state?: unknown }) =>
        event === "state" && rest.state === "seeding";
      await seeder.waitFor(isSeeding);
      const { port } = (await seeder.waitFor("listening")) as unknown as { port: number };

      space.write("proxy.txt", `${proxy.url.replace("://", "://ann:secret@")}\n`);
      const get = ["get", "f.torrent", "--dir", "dl", "--proxy-file", "proxy.txt"];
      const { exitCode, stderr, stdout } = await space.run(get, "other");
      assert.equal(exitCode, 0, stderr);
      assert.equal(Buffer.compare(readFileSync(space.path("dl/film")), CONTENT), 0);
      assert.doesNotMatch(stderr + stdout, /secret/);
      const asked = new Set(proxy.asked);
      assert.ok(asked.has(`connect ${HOST} ${port}`), [...asked].join(", "));
      assert.ok(asked.has(`connect ${HOST} ${new URL(http).port}`), [...asked].join(", "));
      assert.equal(asked.has("udp"), kind === "socks5");
    });

    test(`${kind}: a web seed is reached over HTTPS through it, by name`, async (t) => {
      const space = createWorkspace(t);
      const proxy = await startProxy(t, kind);
      space.write("www/film", CONTENT);
      space.write("cert.pem", CERTIFICATE);
      process.env["NODE_EXTRA_CA_CERTS"] = space.path("cert.pem");
      t.after(() => delete process.env["NODE_EXTRA_CA_CERTS"]);
      const tls = { cert: CERTIFICATE, key: KEY };
      const server = await serveFolder(t, space.path("www"), { tls });
      const url = new URL(server.url);
      await space.json(["create", "www/film", "-o", "f.torrent", "--web-seed", url.href]);
      const get = ["get", "f.torrent", "--dir", "dl", "--proxy", proxy.url];
      const { exitCode, stderr } = await space.run(get);
      assert.equal(exitCode, 0, stderr);
      assert.equal(Buffer.compare(readFileSync(space.path("dl/film")), CONTENT), 0);
      assert.ok(proxy.asked.includes(`connect ${url.hostname} ${url.port}`));
      assert.ok(server.connections <= 3, `${server.connections} connections were opened`);
    });
  }

  test("socks5: the DHT is entered by a name that the proxy looks up, and asked through it alone", async (t) => {
    const space = createWorkspace(t);
    const proxy = await startProxy(t, "socks5");
    const { dht, way } = await startSmallDht(t);
    const infoHash = "ab".repeat(20);
    await dht.announce(fromHex(infoHash), { port: 7003 });
    const port = way.at(-1)!.split(":")[1]!;
    const lookup = ["dht", "lookup", infoHash, "--dht-bootstrap", `localhost:${port}`];
    const { exitCode, stdout, stderr } = await space.run([...lookup, "--proxy", proxy.url]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout, `${HOST}:7003\n`);
    assert.ok(proxy.asked.includes("udp"));
  });

  test("a proxy that is away, or that is none, ends the command at once", async (t) => {
    const space = createWorkspace(t);
    space.write("film", CONTENT);
    await space.json(["create", "film", "-o", "f.torrent"]);
    const get = ["get", "f.torrent", "--dir", "dl", "--proxy"];
    const away = await space.run([...get, "socks5://ann:secret@127.0.0.1:1"]);
    assert.equal(away.exitCode, 1);
    assert.match(
      away.stderr,
      /The proxy socks5:\/\/127\.0\.0\.1:1 cannot be used: .*Nothing goes past it/,
    );
    const none = await space.run([...get, "ftp://ann:secret@127.0.0.1"]);
    assert.equal(none.exitCode, 2);
    for (const { stderr } of [away, none]) assert.doesNotMatch(stderr, /secret/);
  });
});

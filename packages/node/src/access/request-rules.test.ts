import assert from "node:assert/strict";
import { posix } from "node:path";
import { suite, test } from "node:test";
import fc from "fast-check";
import { formatCookie, readCredentials, sessionCookie } from "./credentials.ts";
import { judgeHost } from "./host-rule.ts";
import { judgeOrigin } from "./origin-rule.ts";
import { isPlainTarget } from "./request-target.ts";

/** Pieces that hostile texts are put together from, more often than chance would. */
const pieces = (...words: readonly string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 8 })
    .map((parts) => parts.join(""));

suite("judging requests", () => {
  test("a target that is taken leads nowhere else, decoded once or twice", () => {
    const targets = pieces("/", "..", ".", "%2e", "%2F", "%5c", "\\", "a", "%00", "?", "%252e");
    fc.assert(
      fc.property(targets, (text) => {
        const target = `/${text}`;
        if (!isPlainTarget(target)) return;
        const path = decodeURIComponent(target.split("?", 1)[0]!);
        const tidied = posix.normalize(path);
        assert.equal(tidied, path.replace(/\/+/g, "/"));
        assert.equal(URL.parse(target, "http://a.example")?.host, "a.example");
      }),
      { numRuns: 2000 },
    );
  });

  test("no Host is this machine's or known but those names, whatever is put around them", () => {
    const rules = { host: "192.168.1.5", hostNames: ["nas.example", "*.home.example"] };
    const hosts = pieces(
      "localhost",
      "127.0.0.1",
      "nas.example",
      ".",
      "@",
      ":",
      "80",
      "[::1]",
      "/",
      "#",
      "evil",
      ",",
      " ",
    );
    fc.assert(
      fc.property(hosts, (host) => {
        const verdict = judgeHost(host, rules);
        if (verdict === "foreign") return;
        const name = URL.parse(`http://${host}/`)?.hostname.replace(/\.$/, "") ?? "";
        const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(name);
        assert.equal(verdict, isLoopback ? "loopback" : "known", host);
        if (!isLoopback) assert.match(name, /^(192\.168\.1\.5|nas\.example|.+\.home\.example)$/);
      }),
      { numRuns: 2000 },
    );
  });

  test("at every address any address is answered, and no name more", () => {
    for (const host of ["0.0.0.0", "::"]) {
      const rules = { host, hostNames: [] };
      for (const address of ["192.168.1.5:9550", "[2001:db8::1]:9550"]) {
        assert.equal(judgeHost(address, rules), "known");
      }
      assert.equal(judgeHost("evil.example", rules), "foreign");
      assert.equal(judgeHost(undefined, rules), "foreign");
    }
  });

  test("a page is the daemon's own by the browser's word, or else by its origin", () => {
    const judge = (headers: Record<string, string>) =>
      judgeOrigin({ host: "nas.example:9550", ...headers }, ["https://ui.example"]);
    assert.equal(judge({ "sec-fetch-site": "same-origin" }), "own");
    assert.equal(judge({ origin: "http://nas.example:9550" }), "own");
    assert.equal(judge({ origin: "https://nas.example:9550" }), "own");
    assert.equal(judge({ "sec-fetch-site": "none" }), "own");
    assert.equal(judge({}), "none");
    assert.equal(
      judge({ origin: "https://ui.example", "sec-fetch-site": "cross-site" }),
      "allowed",
    );
    for (const origin of [
      "null",
      "http://nas.example",
      "http://nas.example:9551",
      "file://nas.example:9550",
    ]) {
      assert.equal(judge({ origin }), "foreign", origin);
    }
    const lie = { origin: "http://nas.example:9550", "sec-fetch-site": "cross-site" };
    assert.equal(judge(lie), "foreign");
  });

  test("credentials are read in their order: a key, a password, the cookie of this port, qBittorrent's", () => {
    const headers = {
      host: "localhost:9550",
      cookie: "a=b; shoal_9550=one; SID=two; shoal_80=three",
    };
    const basic = `Basic ${Buffer.from("me:pass:word").toString("base64")}`;
    assert.deepEqual(readCredentials({ ...headers, authorization: "bearer  secret" }), {
      kind: "bearer",
      secret: "secret",
    });
    const withBasic = readCredentials({ ...headers, authorization: basic });
    assert.deepEqual(withBasic, { kind: "basic", password: "pass:word" });
    assert.deepEqual(readCredentials(headers), { kind: "cookie", token: "one" });
    assert.deepEqual(readCredentials({ ...headers, host: "localhost" }), {
      kind: "cookie",
      token: "three",
    });
    assert.deepEqual(readCredentials({ ...headers, host: "localhost:1" }), {
      kind: "cookie",
      token: "two",
    });
    assert.deepEqual(readCredentials({ host: "localhost:1" }), { kind: "none" });
  });

  test("a cookie is kept from scripts, from other sites and, behind TLS, from plain HTTP", () => {
    const plain = { host: "nas.example:9550" };
    const text = formatCookie(sessionCookie(plain), "token", { maxAgeS: 60, headers: plain });
    assert.equal(text, "shoal_9550=token; Path=/; HttpOnly; SameSite=Strict; Max-Age=60");
    const headers = { host: "nas.example", origin: "https://nas.example" };
    assert.match(formatCookie("SID", "", { maxAgeS: 0, headers }), /^SID=; .*; Max-Age=0; Secure$/);
  });
});

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { ApiClient } from "@shoal/api/client";
import { ADDRESS, openSiteScene, type SitePage, type SiteScene } from "../testing/site-scene.ts";
import { readText } from "../testing/test-daemon.ts";
import { MAX_REFUSALS } from "./refusals.ts";
import { MAX_WAITING_OF_ORIGIN, MAX_WAITING_STRANGERS } from "./waiting-requests.ts";

const CALL = JSON.stringify({ method: "eth_accounts" });
const hex = (text: string): string => `0x${Buffer.from(text).toString("hex")}`;

suite("attacks by web sites", () => {
  let scene: SiteScene;
  let client: ApiClient;
  let page: SitePage;

  before(async () => {
    scene = await openSiteScene();
    ({ client } = scene.test);
    page = await scene.connect("https://app.example");
  });
  after(() => scene.close());

  const accountsOf = async (
    response: Promise<{ status: number; body: AsyncIterable<Uint8Array> }>,
  ) => {
    const { status, body } = await response;
    const text = Buffer.concat(await Array.fromAsync(body)).toString();
    return status === 200 ? (JSON.parse(text) as { result: unknown }).result : status;
  };

  test("an origin that is none, or not in the browser's form, is nobody's, token or not", async () => {
    const origins = [
      ...["", "null", "file://", "chrome-extension://abcdefghijklmnop", "moz-extension://x"],
      ...["https://app.example/", "https://APP.example", "https://app.example:443"],
      ...["https://user@app.example", "https://app.example, https://evil.example", "app.example"],
      ...[`https://${"a".repeat(400)}.example`, "https://app.example\\@evil.example"],
    ];
    for (const origin of origins) {
      const { status } = await page.send({ headers: { origin }, body: CALL });
      assert.equal(status, 403, origin);
    }
    const own = new URL(scene.test.daemon.url).origin;
    assert.equal((await page.send({ headers: { origin: own }, body: CALL })).status, 403);
    const none = await scene.test.fetch("POST", "/provider/rpc", { body: Buffer.from(CALL) });
    assert.equal(none.status, 403);
  });

  test("the token of one site is nothing in the hands of another, or of itself by http", async () => {
    for (const origin of [
      "https://evil.example",
      "http://app.example",
      "https://app.example:444",
    ]) {
      assert.deepEqual(await accountsOf(page.send({ headers: { origin }, body: CALL })), []);
      const get = { method: "GET", path: "/provider/events", headers: { origin } };
      assert.equal((await page.send(get)).status, 401);
    }
    assert.deepEqual(await accountsOf(page.send({ body: CALL })), [ADDRESS]);
  });

  test("DNS rebinding: a name that is not the daemon's is not answered", async () => {
    for (const host of ["evil.example", "app.example:9550", "127.0.0.1.evil.example"]) {
      assert.equal((await page.send({ headers: { host }, body: CALL })).status, 421);
    }
  });

  test("a password, a cookie and an API key open nothing here", async () => {
    const { secret } = await client.call("createKey", { name: "tool", scopes: ["wallet"] });
    const basic = Buffer.from("admin:correct horse").toString("base64");
    const signIn = await scene.test.fetch("POST", "/api/v1/session", {
      headers: { "content-type": "application/json" },
      body: Buffer.from('{"password":"correct horse"}'),
    });
    const cookie = signIn.headers["set-cookie"]?.split(";", 1)[0] ?? "";
    assert.notEqual(cookie, "");
    for (const more of [
      { authorization: `Bearer ${secret}` },
      { authorization: `Basic ${basic}` },
      { authorization: "", cookie },
    ]) {
      assert.deepEqual(await accountsOf(page.send({ headers: more, body: CALL })), []);
    }
  });

  test("a site's token opens nothing elsewhere", async () => {
    const authorization = `Bearer ${page.token}`;
    for (const path of ["/api/v1/wallets", "/api/v1/sites", "/api/v1/events", "/metrics"]) {
      const { status } = await scene.test.fetch("GET", path, { headers: { authorization } });
      assert.equal(status, 401, path);
    }
  });

  test("pages of any site may ask here, by preflight too, and nowhere else", async () => {
    const preflight = (path: string) =>
      page.send({
        ...{ method: "OPTIONS", path },
        headers: {
          "access-control-request-method": "POST",
          "access-control-request-private-network": "true",
        },
      });
    const here = await preflight("/provider/rpc");
    assert.equal(here.status, 204);
    assert.equal(here.headers["access-control-allow-origin"], "https://app.example");
    assert.equal(here.headers["access-control-allow-private-network"], "true");
    assert.equal(here.headers["access-control-allow-credentials"], undefined);
    assert.match(here.headers["access-control-allow-headers"] ?? "", /authorization/);
    const elsewhere = await preflight("/api/v1/wallets");
    assert.equal(elsewhere.headers["access-control-allow-origin"], undefined);
    const answer = await page.send({ body: CALL });
    assert.equal(answer.headers["access-control-allow-origin"], "https://app.example");
    assert.equal(answer.headers["vary"], "Origin");
    await readText(answer);
  });

  test("a stranger learns nothing by reading, signing or switching, and gets nothing shown", async () => {
    const stranger = scene.page("https://stranger.example");
    for (const method of [
      ...["eth_blockNumber", "eth_call", "eth_getBalance", "eth_sendTransaction", "personal_sign"],
      ...["eth_signTypedData_v4", "wallet_switchEthereumChain", "wallet_addEthereumChain"],
    ]) {
      const { error } = await stranger.call(method, [{ chainId: "0x1" }]);
      assert.equal(error?.code, 4100, method);
    }
    assert.deepEqual((await client.call("listSiteRequests")).requests, []);
  });

  test("limit: requests of one site that wait for the user", async () => {
    const asked = Array.from({ length: MAX_WAITING_OF_ORIGIN + 2 }, () =>
      page.call("personal_sign", [hex("sign me"), ADDRESS]),
    );
    const first = await Promise.race(asked);
    assert.equal(first.error?.code, -32005);
    await scene.untilWaiting(MAX_WAITING_OF_ORIGIN);
    const { requests } = await client.call("listSiteRequests");
    assert.equal(requests.length, MAX_WAITING_OF_ORIGIN);
    for (const { id } of requests) {
      await client.call("answerSiteRequest", { id, isAllowed: false });
    }
    await Promise.all(asked);
  });

  test("limit: the same, of all sites; of sites that are not connected", async () => {
    const strangers = Array.from({ length: MAX_WAITING_STRANGERS }, (_, at) =>
      scene.page(`https://s${at}.example`),
    );
    const asked = strangers.map((each) => each.call("eth_requestAccounts"));
    await scene.untilWaiting(MAX_WAITING_STRANGERS);
    const late = await scene.page("https://late.example").call("eth_requestAccounts");
    assert.equal(late.error?.code, -32005);
    // They keep nobody out who is in.
    const signing = page.call("personal_sign", [hex("sign me"), ADDRESS]);
    await scene.untilWaiting(MAX_WAITING_STRANGERS + 1);
    for (const { id } of (await client.call("listSiteRequests")).requests) {
      await client.call("answerSiteRequest", { id, isAllowed: false });
    }
    await Promise.all([...asked, signing]);
  });

  test("limit: a call's body", async () => {
    const body = JSON.stringify({
      method: "personal_sign",
      params: ["x".repeat(200_000), ADDRESS],
    });
    const long = JSON.parse(await readText(await page.send({ body }))) as {
      error: { code: number };
    };
    assert.equal(long.error.code, -32700);
    const stranger = scene.page("https://stranger.example");
    const small = JSON.stringify({ method: "eth_accounts", params: ["x".repeat(8_000)] });
    const cut = JSON.parse(await readText(await stranger.send({ body: small }))) as typeof long;
    assert.equal(cut.error.code, -32700);
    assert.deepEqual(await accountsOf(page.send({ body: small })), [ADDRESS]);
  });

  test("limit: refusals of one site in a row", async () => {
    const pest = scene.page("https://pest.example");
    for (let count = 0; count < MAX_REFUSALS; count++) {
      const asked = pest.call("eth_requestAccounts");
      const { id } = await scene.waiting();
      await client.call("answerSiteRequest", { id, isAllowed: false });
      assert.equal((await asked).error?.code, 4001);
    }
    assert.equal((await pest.call("eth_requestAccounts")).error?.code, -32005);
    assert.deepEqual((await client.call("listSiteRequests")).requests, []);
  });

  test("a call that browsers send without asking first is none", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "", "text/json"]) {
      const response = await page.send({ headers: { "content-type": type }, body: CALL });
      const { error } = JSON.parse(await readText(response)) as { error: { code: number } };
      assert.equal(error.code, -32600, type);
    }
  });

  test("what is no call is refused by name", async () => {
    const cases: [string, number][] = [
      ["", -32700],
      ["{", -32700],
      ["[]", -32600],
      ["null", -32600],
      ['{"method":5}', -32600],
      ['{"method":"eth_accounts","params":"x"}', -32600],
      [`{"method":"${"x".repeat(200)}"}`, -32600],
    ];
    for (const [body, code] of cases) {
      const { error } = JSON.parse(await readText(await page.send({ body }))) as {
        error: { code: number };
      };
      assert.equal(error.code, code, body);
    }
    assert.equal((await page.send({ method: "GET", path: "/provider/rpc" })).status, 405);
    assert.equal((await page.send({ path: "/provider/events", body: CALL })).status, 405);
  });

  test("a site that is cut off while it asks gets nothing, and its token is dead", async () => {
    const doomed = await scene.connect("https://doomed.example");
    const asked = doomed.call("personal_sign", [hex("sign me"), ADDRESS]);
    const { id } = await scene.waiting();
    const { sites } = await client.call("listSites");
    const site = sites.find(({ origin }) => origin === doomed.origin)!;
    await client.call("disconnectSite", { id: site.id });
    assert.equal((await asked).error?.code, 4900);
    await assert.rejects(client.call("answerSiteRequest", { id, isAllowed: true }), {
      code: "not-found",
    });
    assert.deepEqual(await doomed.ask("eth_accounts"), []);
    assert.equal((await doomed.call("eth_blockNumber")).error?.code, 4100);
  });

  test("whoever may see torrents alone hears nothing of sites, and answers nothing for them", async () => {
    const { secret } = await client.call("createKey", { name: "seer", scopes: ["read"] });
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    const asked = page.call("personal_sign", [hex("sign me"), ADDRESS]);
    const { id } = await scene.waiting();
    const body = Buffer.from('{"isAllowed":true}');
    const answer = await scene.test.fetch("POST", `/api/v1/site-requests/${id}`, { headers, body });
    assert.equal(answer.status, 403);
    const list = await scene.test.fetch("GET", "/api/v1/site-requests", { headers });
    assert.equal(list.status, 403);
    await client.call("answerSiteRequest", { id, isAllowed: false });
    await asked;
  });
});

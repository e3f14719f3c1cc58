import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { ApiClient } from "@shoal/api/client";
import { ADDRESS, openSiteScene, type SiteScene } from "../testing/site-scene.ts";
import { openTestDaemon, readText } from "../testing/test-daemon.ts";

const ORIGIN = "https://app.example";

suite("connecting sites", () => {
  let scene: SiteScene;
  let client: ApiClient;

  before(async () => {
    scene = await openSiteScene();
    ({ client } = scene.test);
  });
  after(() => scene.close());

  test("a stranger is told nothing: the same as if there were no wallet", async () => {
    const stranger = scene.page("https://stranger.example");
    assert.deepEqual(await stranger.ask("eth_accounts"), []);
    assert.equal(await stranger.ask("eth_chainId"), "0x1");
    assert.equal(await stranger.ask("net_version"), "1");
    assert.equal(await stranger.ask("web3_clientVersion"), "Shoal");
    assert.deepEqual(await stranger.ask("wallet_getPermissions"), []);
  });

  test("EIP-1193: a site sees the account that the user has chosen, once he says so", async () => {
    const page = scene.page(ORIGIN);
    const asked = page.call("eth_requestAccounts");
    const request = await scene.waiting();
    const { origin, kind, siteId, wallet, account, network, address } = request;
    assert.deepEqual(
      { origin, kind, siteId, wallet, account, network, address },
      {
        ...{ origin: ORIGIN, kind: "connect", siteId: null },
        ...{ wallet: "main", account: 0, network: "embedded", address: ADDRESS },
      },
    );
    await client.call("answerSiteRequest", { id: request.id, isAllowed: true });
    const { result, token } = await asked;
    assert.deepEqual(result, [ADDRESS]);
    assert.match(token ?? "", /^[\w-]{43}$/);
    assert.deepEqual(await page.ask("eth_accounts"), [ADDRESS]);
    assert.deepEqual(await page.ask("eth_requestAccounts"), [ADDRESS]);
    const chainId = await page.ask("eth_chainId");
    assert.match(String(chainId), /^0x[1-9a-f][0-9a-f]*$/);
    assert.equal(await page.ask("net_version"), String(Number(chainId)));
    assert.equal(await page.ask("web3_clientVersion"), "Shoal/v1.2.3");
    const { sites } = await client.call("listSites");
    assert.deepEqual(
      sites.map((site) => [site.origin, site.address]),
      [[ORIGIN, ADDRESS]],
    );
  });

  test("a request that was answered cannot be answered again", async () => {
    const page = scene.page("https://twice.example");
    const asked = page.call("eth_requestAccounts");
    const { id } = await scene.waiting();
    await client.call("answerSiteRequest", { id, isAllowed: false });
    await assert.rejects(client.call("answerSiteRequest", { id, isAllowed: true }), {
      code: "not-found",
    });
    const { error, token } = await asked;
    assert.deepEqual([error?.code, token], [4001, undefined]);
  });

  test("a site that asks twice, in two tabs, is told that it is being asked: -32002", async () => {
    const page = scene.page("https://impatient.example");
    const asked = page.call("eth_requestAccounts");
    const { id } = await scene.waiting();
    const again = await page.call("wallet_requestPermissions", [{ eth_accounts: {} }]);
    assert.equal(again.error?.code, -32002);
    await client.call("answerSiteRequest", { id, isAllowed: false });
    await asked;
  });

  test("a site that goes away is not waited for", async () => {
    const page = scene.page("https://leaving.example");
    const asked = page.call("eth_requestAccounts");
    const { id } = await scene.waiting();
    page.leaving.abort();
    await assert.rejects(asked);
    await scene.untilWaiting(0);
    await assert.rejects(client.call("answerSiteRequest", { id, isAllowed: true }), {
      code: "not-found",
    });
    const { sites } = await client.call("listSites");
    assert.ok(!sites.some(({ origin }) => origin === page.origin));
  });

  test("EIP-2255: permissions are asked for, listed and given back", async () => {
    const page = scene.page("https://permissions.example");
    const asked = page.ask("wallet_requestPermissions", [{ eth_accounts: {} }]);
    const { id } = await scene.waiting();
    await client.call("answerSiteRequest", { id, isAllowed: true });
    const [permission] = (await asked) as { parentCapability: string; caveats: unknown }[];
    assert.equal(permission?.parentCapability, "eth_accounts");
    assert.deepEqual(permission?.caveats, [{ type: "filterResponse", value: [ADDRESS] }]);
    assert.deepEqual(await page.ask("wallet_getPermissions"), [permission]);
    assert.equal(await page.ask("wallet_revokePermissions", [{ eth_accounts: {} }]), null);
    assert.deepEqual(await page.ask("eth_accounts"), []);
    await assert.rejects(page.ask("wallet_requestPermissions", [{ eth_sign: {} }]), {
      code: -32602,
    });
  });

  test("a page hears at once of another network, of another account, and of the end", async () => {
    const page = await scene.connect("https://listening.example");
    const response = await page.send({ method: "GET", path: "/provider/events" });
    assert.match(response.headers["content-type"] ?? "", /^text\/event-stream/);
    const stream = response.body[Symbol.asyncIterator]();
    let text = "";
    const until = async (wanted: string): Promise<void> => {
      while (!text.includes(wanted)) {
        const next = await stream.next();
        assert.ok(next.done !== true, text);
        text += Buffer.from(next.value).toString();
      }
    };
    await until(`event: accountsChanged\ndata: ["${ADDRESS}"]\n\n`);
    const { sites } = await client.call("listSites");
    const { id } = sites.find(({ origin }) => origin === page.origin)!;
    await client.call("changeSite", { id, network: "sepolia" });
    await until('event: chainChanged\ndata: "0xaa36a7"\n\n');
    assert.equal(await page.ask("eth_chainId"), "0xaa36a7");
    await assert.rejects(client.call("changeSite", { id, network: "tron" }), {
      code: "bad-request",
    });
    await client.call("disconnectSite", { id });
    await until("event: accountsChanged\ndata: []\n\n");
    await until("event: disconnect\n");
    assert.equal((await stream.next()).done, true);
    assert.deepEqual(await page.ask("eth_accounts"), []);
    assert.equal((await page.send({ method: "GET", path: "/provider/events" })).status, 401);
  });

  test("what a daemon knew is known to the next one", async () => {
    const first = await openTestDaemon();
    await first.client.call("setPassword", { password: "correct horse" });
    const { book } = await openBook(first);
    const choice = { wallet: "main", account: 0, network: "embedded" };
    const { token, site } = await book.connect(ORIGIN, choice);
    await first.close({ keepsHome: true });
    const next = await openTestDaemon({ home: first.home });
    const again = (await openBook(next)).book;
    assert.equal(again.use(ORIGIN, token)?.id, site.id);
    assert.equal(again.use("https://app.example:444", token), null);
    await next.close();
  });

  test("before a password is set nobody is connected, and is told why", async () => {
    const fresh = await openTestDaemon();
    const body = Buffer.from('{"method":"eth_requestAccounts"}');
    const headers = { origin: ORIGIN, "content-type": "application/json" };
    const response = await fresh.fetch("POST", "/provider/rpc", { headers, body });
    const { error } = JSON.parse(await readText(response)) as {
      error: { code: number; message: string };
    };
    assert.equal(error.code, 4100);
    assert.match(error.message, /set a password at http:/);
    await fresh.close();
  });
});

async function openBook({ daemon }: Awaited<ReturnType<typeof openTestDaemon>>) {
  const { SiteBook } = await import("./site-book.ts");
  return { book: await SiteBook.open(daemon.core.runtime) };
}

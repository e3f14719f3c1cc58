import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { ApiClient } from "@shoal/api/client";
import { createProvider, type Page, type ShoalProvider } from "@shoal/api/provider";
import { ADDRESS, openSiteScene, type SiteScene } from "../testing/site-scene.ts";

/** A tab of a browser, as far as a provider looks at it. Tabs of one site share what the browser keeps for it. */
function openTab(origin: string, kept: Map<string, string>) {
  const opened: string[] = [];
  const watching: (() => void)[] = [];
  const document = {
    visibilityState: "visible",
    addEventListener: (_: string, listener: () => void) => void watching.push(listener),
  };
  const page: Page = {
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set("origin", origin);
      return fetch(input, { ...init, headers });
    },
    localStorage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    document,
    open: (url) => {
      opened.push(url);
      return {};
    },
  };
  const show = (visibilityState: "visible" | "hidden"): void => {
    document.visibilityState = visibilityState;
    for (const listener of watching) listener();
  };
  return { page, opened, show };
}

/** The next value of an event. */
async function next(provider: ShoalProvider, event: string): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const listener = (value: unknown): void => {
    provider.removeListener(event, listener);
    resolve(value);
  };
  provider.on(event, listener);
  return await promise;
}

suite("the provider's script", () => {
  let scene: SiteScene;
  let client: ApiClient;
  let url: string;
  const providers: ShoalProvider[] = [];
  const open = (page: Page): ShoalProvider => {
    const provider = createProvider({ url, page });
    providers.push(provider);
    return provider;
  };

  before(async () => {
    scene = await openSiteScene();
    ({ client } = scene.test);
    ({ url } = scene.test.daemon);
  });
  after(async () => {
    for (const provider of providers) provider.close();
    await scene.close();
  });
  const allow = async (): Promise<void> => {
    const { id } = await scene.waiting();
    await client.call("answerSiteRequest", { id, isAllowed: true });
  };
  const siteOf = async (origin: string) => {
    const { sites } = await client.call("listSites");
    return sites.find((each) => each.origin === origin)!;
  };

  test("connects, hears of what changes, and of the end (EIP-1193)", async () => {
    const origin = "https://app.example";
    const { page, opened } = openTab(origin, new Map());
    const provider = open(page);
    assert.deepEqual(await provider.request({ method: "eth_accounts" }), []);
    assert.deepEqual(opened, []);
    const heard = Promise.all([next(provider, "connect"), next(provider, "accountsChanged")]);
    const asked = provider.request({ method: "eth_requestAccounts" });
    await allow();
    assert.deepEqual(await asked, [ADDRESS]);
    const chainId = await provider.request({ method: "eth_chainId" });
    assert.deepEqual(await heard, [{ chainId }, [ADDRESS]]);
    assert.equal(provider.isConnected(), true);

    const changed = next(provider, "chainChanged");
    const { id } = await siteOf(origin);
    await client.call("changeSite", { id, network: "sepolia" });
    assert.equal(await changed, "0xaa36a7");

    const ended = Promise.all([next(provider, "accountsChanged"), next(provider, "disconnect")]);
    await client.call("disconnectSite", { id });
    const [accounts, error] = await ended;
    assert.deepEqual(accounts, []);
    assert.equal((error as { code: number }).code, 4900);
    assert.equal(provider.isConnected(), false);
    await assert.rejects(provider.request({ method: "eth_blockNumber" }), { code: 4100 });
  });

  test("a call that waits opens Shoal's window; what is answered at once opens none", async () => {
    const { page, opened } = openTab("https://window.example", new Map());
    const { promise, resolve } = Promise.withResolvers<string>();
    const provider = open({
      ...page,
      open: (place) => {
        resolve(place);
        return {};
      },
    });
    const asked = provider.request({ method: "eth_requestAccounts" });
    assert.equal(await promise, `${url}#/sites?window`);
    await allow();
    await asked;
    assert.deepEqual(await provider.request({ method: "eth_requestAccounts" }), [ADDRESS]);
    assert.deepEqual(opened, []);
  });

  test("a page that is loaded again is connected at once; one of another site is not", async () => {
    const kept = new Map<string, string>();
    const first = open(openTab("https://again.example", kept).page);
    const asked = first.request({ method: "eth_requestAccounts" });
    await allow();
    await asked;
    first.close();
    const again = open(openTab("https://again.example", kept).page);
    assert.deepEqual(await next(again, "accountsChanged"), [ADDRESS]);
    const thief = open(openTab("https://thief.example", kept).page);
    assert.deepEqual(await thief.request({ method: "eth_accounts" }), []);
  });

  test("a tab that nobody looks at listens to nothing, and knows all once it is shown", async () => {
    const kept = new Map<string, string>();
    const tab = openTab("https://tabs.example", kept);
    const provider = open(tab.page);
    const heard = next(provider, "accountsChanged");
    const asked = provider.request({ method: "eth_requestAccounts" });
    await allow();
    await asked;
    await heard;
    tab.show("hidden");
    const { id } = await siteOf("https://tabs.example");
    await client.call("changeSite", { id, network: "sepolia" });
    const changed = next(provider, "chainChanged");
    tab.show("visible");
    assert.equal(await changed, "0xaa36a7");
    tab.show("hidden");
    await client.call("disconnectSite", { id });
    const ended = next(provider, "accountsChanged");
    tab.show("visible");
    assert.deepEqual(await ended, []);
    assert.equal(kept.size, 0);
  });

  test("a user who refuses is an error with his code, and with what he was asked", async () => {
    const provider = open(openTab("https://refused.example", new Map()).page);
    const asked = provider.request({ method: "eth_requestAccounts" });
    const refused = assert.rejects(asked, { name: "ProviderRpcError", code: 4001 });
    const { id } = await scene.waiting();
    await client.call("answerSiteRequest", { id, isAllowed: false });
    await refused;
    await assert.rejects(provider.request({ method: "eth_sign", params: [] }), { code: 4200 });
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { announceProvider, type AnnouncingPage, type ProviderInfo } from "./announce-provider.ts";
import type { Page } from "./page.ts";
import { ProviderRpcError } from "./provider-rpc-error.ts";

interface Detail {
  readonly info: ProviderInfo;
  readonly provider: unknown;
}

const silent: Page = { fetch: () => Promise.reject(new TypeError("nobody is there")) };

function openWindow(ethereum?: unknown): { window: AnnouncingPage; heard: Detail[] } {
  const window: AnnouncingPage = new EventTarget();
  if (ethereum !== undefined) window.ethereum = ethereum;
  const heard: Detail[] = [];
  window.addEventListener("eip6963:announceProvider", (event) => {
    heard.push((event as CustomEvent<Detail>).detail);
  });
  return { window, heard };
}

suite("announcing (EIP-6963)", () => {
  test("the wallet says that it is there, and again whenever a page asks", () => {
    const { window, heard } = openWindow();
    const provider = announceProvider({ window, page: silent });
    window.dispatchEvent(new Event("eip6963:requestProvider"));
    assert.equal(heard.length, 2);
    const [{ info, provider: announced } = assert.fail(), again] = heard;
    assert.equal(announced, provider);
    assert.deepEqual(again?.info, info);
    assert.ok(Object.isFrozen(heard[0]) && Object.isFrozen(info));
    assert.deepEqual([info.name, info.rdns], ["Shoal", "localhost.shoal"]);
    assert.match(info.uuid, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.match(decodeURIComponent(info.icon), /^data:image\/svg\+xml,<svg .*<\/svg>$/);
    const { window: other, heard: others } = openWindow();
    announceProvider({ window: other, page: silent });
    assert.notEqual(others[0]?.info.uuid, info.uuid);
  });

  test("window.ethereum is set where there is none, and never where there is one", () => {
    const other = { isOther: true };
    const { window } = openWindow(other);
    announceProvider({ window, page: silent });
    assert.equal(window.ethereum, other);
    const { window: free } = openWindow();
    const provider = announceProvider({ window: free, page: silent });
    assert.equal(free.ethereum, provider);
  });

  test("where no daemon is, calls fail by name: 4900", async () => {
    const { window } = openWindow();
    const provider = announceProvider({ window, page: silent });
    await assert.rejects(provider.request({ method: "eth_accounts" }), (error) => {
      return error instanceof ProviderRpcError && error.code === 4900;
    });
    await assert.rejects(provider.request({} as never), { code: -32602 });
    assert.equal(provider.isConnected(), false);
  });
});

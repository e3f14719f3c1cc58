import assert from "node:assert/strict";
import { test } from "node:test";
import { SCOPES, settings } from "@shoal/api";
import { showSettings } from "./show-settings.ts";

test("who may not change settings sees all of them but the secrets in their URLs", () => {
  const current = settings.parse({
    network: { proxy: "socks5://me:sesame@proxy.example:1080" },
    chain: { rpcUrls: ["https://me:sesame@rpc.example/v3/sesame?key=sesame", "no URL: sesame"] },
    speed: { uploadLimit: 1000 },
  });
  const admin = { kind: "session", scopes: new Set(SCOPES) } as const;
  assert.deepEqual(showSettings(current, admin), current);
  const shown = showSettings(current, { kind: "key", scopes: new Set(["read"]) });
  assert.ok(!JSON.stringify(shown).includes("sesame"));
  assert.equal(shown.network.proxy, "socks5://[redacted]@proxy.example:1080");
  assert.equal(shown.chain.rpcUrls[0], "https://rpc.example");
  const { network, chain, ...rest } = current;
  assert.deepEqual(shown, {
    ...rest,
    network: { ...network, proxy: shown.network.proxy },
    chain: { ...chain, rpcUrls: shown.chain.rpcUrls },
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type BrowserWallet, readAnnouncement, withWallet } from "./browser-wallets.ts";

const provider = { request: async () => null };
const info = { uuid: "1", name: "A wallet", icon: "data:image/svg+xml,%3Csvg/%3E" };

suite("EIP-6963: wallets of the browser", () => {
  test("an announced wallet has a name, and a picture that asks nobody for anything", () => {
    const wallet = readAnnouncement({ info, provider });
    assert.deepEqual([wallet?.name, wallet?.icon], [info.name, info.icon]);
    for (const icon of [
      "https://tracker.example/x.png",
      "javascript:alert(1)",
      "data:text/html,x",
      5,
    ]) {
      assert.equal(readAnnouncement({ info: { ...info, icon }, provider })?.icon, null);
    }
  });

  test("what is no wallet is left out", () => {
    for (const detail of [
      null,
      "x",
      {},
      { info, provider: null },
      { info: null, provider },
      { info: { ...info, uuid: 5 }, provider },
      { info, provider: { request: "no" } },
    ]) {
      assert.equal(readAnnouncement(detail), null);
    }
  });

  test("names are short, and show what is in them", () => {
    const name = `Meta\u202eksaM${"x".repeat(500)}`;
    const wallet = readAnnouncement({ info: { ...info, name }, provider });
    assert.ok(wallet!.name.startsWith("Meta⟨U+202E⟩ksaM") && wallet!.name.length <= 60);
  });

  test("a wallet that announces itself again is there once, and floods end", () => {
    let known: readonly BrowserWallet[] = [];
    for (let round = 0; round < 100; round++) {
      known = withWallet(
        known,
        readAnnouncement({ info: { ...info, uuid: `${round % 50}` }, provider })!,
      );
    }
    assert.equal(known.length, 16);
    assert.equal(new Set(known.map(({ uuid }) => uuid)).size, 16);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Suspects } from "./suspects.ts";
import { Trust } from "./trust.ts";

function setUp() {
  const peers = ["a", "b", "c"].map((address) => ({ remote: { address }, onParole: false }));
  const banned: string[] = [];
  const trust = new Trust();
  const swarm = { peers, ban: (address: string) => (banned.push(address), trust.ban(address)) };
  const onParole = () => peers.filter((peer) => peer.onParole).map(({ remote }) => remote.address);
  return { suspects: new Suspects(trust, swarm), banned, onParole };
}

describe("who had part in a bad piece", () => {
  it("is banned when it was alone, whatever number of blocks it sent", () => {
    const { suspects, banned } = setUp();
    suspects.blame(["a", "a", "a"], 1);
    assert.deepEqual(banned, ["a"]);
  });

  it("is on parole among several, until a piece of its own is good or bad", () => {
    const { suspects, banned, onParole } = setUp();
    suspects.blame(["a", "b"], 1);
    assert.deepEqual(onParole(), ["a", "b"]);
    suspects.credit(["a", "b"]);
    assert.deepEqual(onParole(), ["a", "b"], "a shared piece clears nobody");
    suspects.credit(["a"]);
    assert.deepEqual(onParole(), ["b"]);
    suspects.blame(["b"], 2);
    assert.deepEqual(banned, ["b"]);
  });

  it("is cleared or banned at once when it is known whose blocks were bad", () => {
    const { suspects, banned, onParole } = setUp();
    suspects.blame(["a", "b", "c"], 1);
    suspects.judge({ guilty: new Set(["b"]), innocent: new Set(["a", "c"]) });
    assert.deepEqual([banned, onParole().filter((address) => address !== "b")], [["b"], []]);
  });

  it("is still on parole when it comes back", () => {
    const { suspects } = setUp();
    suspects.blame(["a", "b"], 1);
    const again = { remote: { address: "a" }, onParole: false };
    suspects.greet(again);
    assert.ok(again.onParole);
  });
});

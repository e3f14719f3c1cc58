import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HandshakePlaces } from "./handshake-places.ts";

describe("the places for handshakes", () => {
  it("are 64 for one address, and come back when it leaves", () => {
    const places = new HandshakePlaces();
    const enter = () => places.enter("192.0.2.1");
    for (let i = 0; i < 64; i++) assert.ok(enter());
    assert.equal(enter(), false);
    assert.ok(places.enter("192.0.2.2"));
    places.leave("192.0.2.1");
    assert.ok(enter());
    assert.equal(enter(), false);
  });

  it("are 200 for all addresses together", () => {
    const places = new HandshakePlaces();
    for (let i = 0; i < 200; i++) assert.ok(places.enter(`192.0.2.${i}`));
    assert.equal(places.enter("192.0.2.200"), false);
    places.leave("192.0.2.7");
    assert.ok(places.enter("192.0.2.200"));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExternalAddress } from "./external-address.ts";

describe("this side's own address", () => {
  it("is what most say, each voter counting once", () => {
    const own = new ExternalAddress();
    assert.equal(own.towards("8.8.8.8"), null);
    own.vote("81.0.0.1", "8.8.8.1");
    assert.equal(own.towards("8.8.8.8"), "81.0.0.1");
    for (let i = 0; i < 10; i++) own.vote("66.6.6.6", "8.8.8.2");
    assert.equal(own.towards("8.8.8.8"), "81.0.0.1");
    own.vote("66.6.6.6", "8.8.8.3");
    assert.equal(own.towards("8.8.8.8"), "66.6.6.6");
    assert.equal(own.changes, 2);
  });

  it("is another one in each family, and towards a private network", () => {
    const own = new ExternalAddress();
    own.vote("81.0.0.1", "http://tracker.example/announce");
    own.vote("10.0.0.5", "10.0.0.9");
    own.vote("2001:4860::1", "2001:4860::9");
    assert.equal(own.towards("9.9.9.9"), "81.0.0.1");
    assert.equal(own.towards("192.168.1.1"), "10.0.0.5");
    assert.equal(own.towards("2001:4860::5"), "2001:4860::1");
  });

  it("limit: votes on this side's own address", () => {
    const own = new ExternalAddress();
    for (let i = 0; i < 100; i++) own.vote("66.6.6.6", "8.8.8.1");
    for (let i = 0; i < 49; i++) own.vote("81.0.0.1", `8.8.1.${i}`);
    assert.equal(own.towards("8.8.8.8"), "81.0.0.1");
    // A new round begins: who votes first in it is one voter like any other.
    own.vote("66.6.6.6", "8.8.8.1");
    own.vote("66.6.6.6", "8.8.8.2");
    assert.equal(own.towards("8.8.8.8"), "81.0.0.1");
  });

  it("that has changed is noticed within two rounds of votes", () => {
    const own = new ExternalAddress();
    for (let i = 0; i < 50; i++) own.vote("81.0.0.1", `8.8.1.${i}`);
    for (let i = 0; i < 50; i++) own.vote("81.0.0.2", `8.8.2.${i}`);
    assert.equal(own.towards("8.8.8.8"), "81.0.0.2");
  });

  it("is no nonsense", () => {
    const own = new ExternalAddress();
    own.vote("no address", "8.8.8.1");
    assert.equal(own.towards("8.8.8.8"), null);
    assert.equal(own.priorityOf({ address: "8.8.8.8", port: 1 }, 2), 0);
  });

  it("BEP 40: gives the priorities of the specification's examples", () => {
    const own = new ExternalAddress();
    own.vote("123.213.32.10", "8.8.8.1");
    const at = (address: string) => ({ address, port: 0 });
    assert.equal(own.priorityOf(at("98.76.54.32"), 0), 0xec2d7224);
    assert.equal(own.priorityOf(at("123.213.32.234"), 0), 0x99568189);
  });
});

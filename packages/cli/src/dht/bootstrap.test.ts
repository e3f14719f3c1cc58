import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PUBLIC_BOOTSTRAP } from "@shoal/dht";
import { chooseBootstrap, createBootstrapOption } from "./bootstrap.ts";

const HERE = { host: "192.0.2.1", port: 6881 };
const THERE = { host: "2001:db8::1", port: 6882 };

suite("ways into the DHT", () => {
  test("the public hosts are a fallback where the user names nobody", () => {
    for (const flags of [{}, { host: "192.168.1.2" }, { host: "2001:db8::5" }]) {
      assert.deepEqual(chooseBootstrap(flags), { bootstrap: [], fallback: PUBLIC_BOOTSTRAP });
    }
  });

  test("hosts that the user names take their place, and none leaves nobody", () => {
    const chosen = chooseBootstrap({ dhtBootstrap: [HERE] });
    assert.deepEqual(chosen, { bootstrap: [HERE], fallback: [] });
    assert.deepEqual(chooseBootstrap({ dhtBootstrap: [] }), { bootstrap: [], fallback: [] });
  });

  test("whoever keeps to a loopback address asks nobody outside", () => {
    for (const host of ["127.0.0.1", "127.9.9.9", "::1"]) {
      assert.deepEqual(chooseBootstrap({ host }).fallback, []);
    }
  });

  test("the option takes hosts one by one or in a list, and none", () => {
    const parse = createBootstrapOption().parseArg as (text: string, before?: object[]) => object[];
    assert.deepEqual(parse("[2001:db8::1]:6882", parse("192.0.2.1:6881")), [HERE, THERE]);
    assert.deepEqual(parse("192.0.2.1:6881, [2001:db8::1]:6882"), [HERE, THERE]);
    assert.deepEqual(parse("none"), []);
    for (const text of ["192.0.2.1", ""]) assert.throws(() => parse(text), /HOST:PORT/);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpTargetJudge } from "./http-target.ts";

const PUBLIC = "93.184.216.34";
const url = new URL("http://seed.example/a");
const inner = new URL("http://10.0.0.1/admin?reboot");

test("a private address is asked only for what may be asked there", () => {
  const judge = createHttpTargetJudge(({ search }) => search === "");
  for (const address of ["127.0.0.1", "10.1.2.3", "192.168.1.1", "100.64.0.1", "fc00::1", "::1"]) {
    assert.equal(judge({ url, address, redirectedFrom: null }), null);
    assert.equal(judge({ url: inner, address, redirectedFrom: null }), "private");
  }
  assert.equal(judge({ url: inner, address: PUBLIC, redirectedFrom: null }), null);
});

test("no redirect leads from a public to a private address, also in a later request", () => {
  const judge = createHttpTargetJudge(() => true);
  assert.equal(judge({ url, address: "10.0.0.2", redirectedFrom: inner }), null);
  assert.equal(judge({ url, address: PUBLIC, redirectedFrom: null }), null);
  assert.equal(judge({ url, address: "10.0.0.1", redirectedFrom: url }), "redirected-inwards");
  assert.equal(judge({ url, address: "127.0.0.1", redirectedFrom: inner }), "redirected-inwards");
});

test("a name that a proxy looks up is public unless it says otherwise", () => {
  const judge = (address: string) =>
    createHttpTargetJudge(({ search }) => search === "")({
      url: inner,
      address,
      redirectedFrom: null,
    });
  for (const name of ["seed.example", "a.b-c.example.", "xn--bcher-kva.example"]) {
    assert.equal(judge(name), null, name);
  }
  for (const name of [
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "router.lan",
    "nas",
    "x.local",
    "a.home.arpa",
    "",
    "0x7f.1",
  ]) {
    assert.equal(judge(name), "private", name);
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Decided, findOpenStep, readGuideStep } from "./open-step.ts";

const NOTHING: Decided = { needsPassword: true, wallet: null, isSelling: false, sample: "off" };
const PASSWORD: Decided = { ...NOTHING, needsPassword: false };
const WALLET: Decided = { ...PASSWORD, wallet: "main" };

suite("the open step of the guided start", () => {
  test("in another browser it is the first that is not decided", () => {
    assert.equal(findOpenStep(NOTHING, null), "welcome");
    assert.equal(findOpenStep(PASSWORD, null), "wallet");
    assert.equal(findOpenStep(WALLET, null), "folder");
    assert.equal(findOpenStep({ ...WALLET, isSelling: true }, null), "try");
    assert.equal(findOpenStep({ ...WALLET, sample: "running" }, null), "try");
  });

  test("after a reload it is the one that the tab was at", () => {
    assert.equal(findOpenStep(NOTHING, "password"), "password");
    assert.equal(findOpenStep(WALLET, "sell"), "sell");
    assert.equal(findOpenStep(PASSWORD, "folder"), "folder", "one may do without a wallet");
  });

  test("what is decided is not asked again, and without a password nothing later is", () => {
    assert.equal(findOpenStep(WALLET, "password"), "folder");
    assert.equal(findOpenStep(NOTHING, "try"), "welcome");
    assert.equal(readGuideStep("of another version"), null);
  });
});

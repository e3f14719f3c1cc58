import assert from "node:assert/strict";
import { test } from "node:test";
import { DESCRIBED_SETTINGS } from "./described-settings.ts";
import { describeSettings } from "./generate.ts";

test("the described settings are those of the schema: run generate.ts after changing it", () => {
  assert.deepEqual(DESCRIBED_SETTINGS, describeSettings());
});

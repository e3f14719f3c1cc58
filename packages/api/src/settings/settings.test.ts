import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { settings, settingsChange } from "./settings.ts";

suite("settings", () => {
  test("every setting has a default: nothing needs to be configured", () => {
    const { web, queue } = settings.parse({});
    assert.equal(web.port, 9550);
    assert.equal(queue.activeDownloads, 8);
  });

  test("every setting says what it does", () => {
    const { properties = {} } = z.toJSONSchema(settings);
    for (const section of Object.values(properties) as {
      properties: Record<string, { description?: string }>;
    }[]) {
      for (const [name, { description }] of Object.entries(section.properties)) {
        assert.match(description ?? "", /\w/, name);
      }
    }
  });

  test("a change holds what it names, and no defaults", () => {
    assert.deepEqual(settingsChange.parse({ speed: { uploadLimit: 1000 } }), {
      speed: { uploadLimit: 1000 },
    });
  });

  test("a setting that does not exist is refused", () => {
    assert.equal(settings.safeParse({ speed: { uplaodLimit: 1000 } }).success, false);
    assert.equal(settingsChange.safeParse({ spede: {} }).success, false);
  });
});

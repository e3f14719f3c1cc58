import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { spell, spellKeys, toSnake } from "./names.ts";
import { SESSION_FIELDS } from "./session-fields.ts";
import { TORRENT_FIELDS } from "./torrent-fields.ts";

/** Spellings of docs/rpc-spec.md: of 4.1 before, of 4.0.6 behind. */
const TORRENT = {
  hash_string: "hashString",
  file_count: "file-count",
  peer_limit: "peer-limit",
  primary_mime_type: "primary-mime-type",
  left_until_done: "leftUntilDone",
  webseeds_sending_to_us: "webseedsSendingToUs",
  tracker_stats: "trackerStats",
};
const SESSION = {
  speed_limit_down_enabled: "speed-limit-down-enabled",
  seed_ratio_limit: "seedRatioLimit",
  seed_ratio_limited: "seedRatioLimited",
  download_dir_free_space: "download-dir-free-space",
  rpc_version_semver: "rpc-version-semver",
};

suite("names of Transmission's RPC", () => {
  test("torrents' fields are spelled as 4.0 and as 4.1 spell them", () => {
    for (const [snake, legacy] of Object.entries(TORRENT)) {
      assert.equal(spell(snake, "torrent", "legacy"), legacy);
      assert.equal(spell(snake, "torrent", "snake"), snake);
      assert.equal(toSnake(legacy), snake);
    }
  });

  test("the session's fields are spelled as 4.0 and as 4.1 spell them", () => {
    for (const [snake, legacy] of Object.entries(SESSION)) {
      assert.equal(spell(snake, "session", "legacy"), legacy);
      assert.equal(toSnake(legacy), snake);
    }
  });

  test("every field is found again by its old name", () => {
    for (const name of Object.keys(TORRENT_FIELDS)) {
      assert.equal(toSnake(spell(name, "torrent", "legacy")), name);
    }
    for (const name of Object.keys(SESSION_FIELDS)) {
      assert.equal(toSnake(spell(name, "session", "legacy")), name);
    }
  });

  test("a peer's isUTP is told in both spellings", () => {
    assert.equal(toSnake("isUTP"), "is_utp");
    assert.deepEqual(spellKeys({ is_utp: true, flag_str: "D" }, "part", "legacy"), {
      isUTP: true,
      flagStr: "D",
    });
  });
});

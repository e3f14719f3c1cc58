import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { TorrentStatus } from "@shoal/engine";
import { linesOfSeveral, type ShownTorrent } from "./progress-of-several.ts";

const MIB = 2 ** 20;

function show(name: string, status: Partial<TorrentStatus>): ShownTorrent {
  const usual = {
    state: "downloading",
    checked: 1,
    wantedBytes: 10 * MIB,
    verifiedBytes: 0,
    pieceCount: 10,
    downloadRate: 0,
    uploadRate: 0,
    uploadedBytes: 0,
    etaS: null,
    slow: null,
  };
  return { name, status: { ...usual, ...status } as TorrentStatus, sources: "1 peer" };
}

suite("the progress of several torrents", () => {
  test("a line each, and one for all", () => {
    const lines = linesOfSeveral([
      show("film", { verifiedBytes: 5 * MIB, downloadRate: 2 * MIB, etaS: 2.5 }),
      show("photos", { state: "paused", verifiedBytes: 10 * MIB }),
      show("a name that is longer than there is room", { state: "queued" }),
      show("music", { state: "seeding", verifiedBytes: 10 * MIB, uploadRate: MIB }),
    ]);
    assert.deepEqual(lines, [
      "film                      50.0% of 10 MiB  2 MiB/s  3s left  1 peer",
      "photos                    done",
      "a name that is longer t…  waits for its turn",
      "music                     seeding  up 1 MiB/s  0 B sent  1 peer",
      "total: 2 of 4 torrents  ███████▌░░░░ 62.5% of 40 MiB  down 2 MiB/s  up 1 MiB/s",
    ]);
  });

  test("of many, those at work are shown and the others counted", () => {
    const torrents = Array.from({ length: 30 }, (_, index) =>
      show(`t${index}`, index % 3 === 0 ? {} : { state: "queued" }),
    );
    const lines = linesOfSeveral(torrents);
    assert.equal(lines.length, 18);
    assert.equal(lines.filter((line) => line.includes("0.0% of 10 MiB")).length, 10);
    assert.equal(lines[16], "and 14 more: 14 waiting");
    assert.match(lines[17]!, /^total: 0 of 30 torrents/);
  });

  test("names cannot draw", () => {
    assert.ok(
      !linesOfSeveral([show("\u001b[2Jx", {})])
        .join("")
        .includes("\u001b"),
    );
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { sampleTorrent } from "../simulation/swarm-world.ts";
import { createGeometry } from "./geometry.ts";

const PIECE = 32 * 1024;

suite("geometry", () => {
  test("libtorrent may ask for whole blocks at the end of a file whose pieces stand alone", () => {
    for (const version of ["v2", "hybrid"] as const) {
      const { metainfo } = sampleTorrent({
        version,
        pieceLengthBytes: PIECE,
        fileLengths: [PIECE + 100, 7],
      });
      const geometry = createGeometry(metainfo);
      assert.equal(geometry.blockLength(1, 0), 100);
      assert.equal(geometry.askableOf(1), PIECE);
      assert.equal(geometry.blockLength(2, 0), 7);
      assert.equal(geometry.askableOf(2), PIECE);
    }
  });

  test("nobody may ask for bytes behind the last file of a v1 torrent", () => {
    const { metainfo } = sampleTorrent({
      version: "v1",
      pieceLengthBytes: PIECE,
      fileLengths: [PIECE + 100, 7],
    });
    assert.equal(createGeometry(metainfo).askableOf(1), 107);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Transfer } from "../torrent/transfer.ts";
import { Serving } from "./serving.ts";
import type { UploaderOwner } from "./uploader.ts";

const BLOCK = 16 * 1024;

function createServing() {
  const transfer = {
    geometry: { pieceCount: 4000, askableOf: () => BLOCK },
    have: { has: () => true },
    suggestions: { stopped: () => {} },
  } as unknown as Transfer;
  let sent = 0;
  const owner = { fast: true, uploadCredit: () => 0, send: () => void sent++ };
  const serving = new Serving(
    transfer,
    { isClosed: false, have: null },
    owner as unknown as UploaderOwner,
  );
  return {
    serving,
    ask: (count: number): void => {
      for (let i = 0; i < count; i++) serving.request(i % 4000, 0, BLOCK);
    },
    takeSent: (): number => {
      const taken = sent;
      sent = 0;
      return taken;
    },
  };
}

describe("requests of a peer that is choked", () => {
  it("are rejected, and more than 300 of them are hostile", () => {
    const { ask, takeSent } = createServing();
    ask(300);
    assert.equal(takeSent(), 300);
    assert.throws(() => ask(1), { code: "protocol" });
  });

  it("were on their way where it was choked just now: as many as it may have had outstanding", () => {
    const { serving, ask, takeSent } = createServing();
    serving.unchoke();
    serving.choke();
    takeSent();
    ask(2300);
    assert.equal(takeSent(), 2300);
    assert.throws(() => ask(1), { code: "protocol" });
  });
});

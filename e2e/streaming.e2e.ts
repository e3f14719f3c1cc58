import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Scope, settings } from "@shoal/api";
import { createSession } from "@shoal/engine";
import { createNodeRuntime } from "@shoal/runtime/node";
import { createContentHandlers } from "../packages/node/src/content/content-handlers.ts";
import { ContentServer } from "../packages/node/src/content/content-server.ts";
import { Torrents } from "../packages/node/src/torrents/torrents.ts";
import { makeTorrent } from "../packages/node/src/testing/make-torrent.ts";
import type { Scope as TestScope } from "../bench/clients/scope.ts";
import { PlayerPage } from "./browser/player-page.ts";
import { needClients, openScope } from "./clients.ts";

const SECONDS = 90;
const SAMPLES_PER_SECOND = 44_100;
const BYTES_PER_SAMPLE = 4;
const HEADER_BYTES = 44;
/** Twice the pace of the sound: the start plays well, and the whole would take 45 s. */
const UPLOAD_LIMIT = 2 * SAMPLES_PER_SECOND * BYTES_PER_SAMPLE;

/** A minute and a half of a rising tone, in stereo: WAV is sound that needs no codec, and players seek in it by bytes. */
function makeWav(): Uint8Array {
  const bytesPerSecond = SAMPLES_PER_SECOND * BYTES_PER_SAMPLE;
  const wav = Buffer.alloc(HEADER_BYTES + SECONDS * bytesPerSecond);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(2, 22);
  wav.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  wav.writeUInt32LE(bytesPerSecond, 28);
  wav.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(wav.length - HEADER_BYTES, 40);
  for (let at = HEADER_BYTES, i = 0; at < wav.length; at += BYTES_PER_SAMPLE, i++) {
    const sample = Math.round(8000 * Math.sin((i / 50) * (1 + i / (SECONDS * SAMPLES_PER_SECOND))));
    wav.writeInt16LE(sample, at);
    wav.writeInt16LE(-sample, at + 2);
  }
  return wav;
}

async function openTorrents(scope: TestScope, folder: string, uploadLimit: number | null) {
  const runtime = await createNodeRuntime();
  scope.defer(() => runtime.close());
  const session = await createSession({ runtime, host: "127.0.0.1", uploadLimit });
  scope.defer(() => session.close());
  const init = { session, runtime, settings: { current: settings.parse({}) } };
  return { runtime, torrents: await Torrents.open({ ...init, defaultFolder: folder }) };
}

suite("a browser's player", await needClients("chromium"), () => {
  test("plays and seeks in a torrent that is half here: its end comes before its middle", async (t) => {
    const scope = openScope(t);
    const wav = makeWav();
    const sample = makeTorrent([{ path: [], content: wav }], { name: "tone.wav" });
    const [here, there] = [await scope.folder(), await scope.folder()];
    await mkdir(there, { recursive: true });
    await writeFile(join(there, "tone.wav"), wav);
    const seeder = await openTorrents(scope, there, UPLOAD_LIMIT);
    const seed = await seeder.torrents.add({ source: sample.bytes });
    await seed.whenComplete();

    const { runtime, torrents } = await openTorrents(scope, here, null);
    const torrent = await torrents.add({ source: sample.bytes });
    torrent.addPeers([{ address: "127.0.0.1", port: seeder.torrents.session.port }]);
    const { clock } = runtime;
    const content = new ContentServer(runtime);
    const { getContent } = createContentHandlers({ torrents, content, clock });
    const page = new PlayerPage();
    const ranges: string[] = [];
    const listener = await runtime.http.serve(
      { host: "127.0.0.1", port: 0, maxBodyBytes: 10_000 },
      async (request) => {
        const [path = ""] = request.target.split("?");
        const own = await page.answer(request.method, path, request.body);
        if (own !== null) {
          return { status: 200, headers: { "content-type": "text/html" }, body: own };
        }
        if (path !== "/content") return { status: 404, body: new Uint8Array() };
        ranges.push(request.headers["range"] ?? "whole");
        const caller = { kind: "owner", scopes: new Set<Scope>() } as const;
        const call = { caller, request, setHeader: () => {} };
        return await getContent({ infoHash: sample.infoHash, index: 0 }, call);
      },
    );
    scope.defer(() => listener.close());

    await page.open(scope, `http://127.0.0.1:${listener.local.port}`, "/content");
    const played = await page.report("played");
    assert.ok(Math.abs(played.duration - SECONDS) < 0.1, `${played.duration} s`);
    const sought = await page.report("sought");
    const { verifiedBytes, wantedBytes } = torrent.status();
    t.diagnostic(
      `at ${sought.atS.toFixed(1)} s of ${SECONDS} with ${verifiedBytes} of ${wantedBytes} bytes; asked for ${ranges.join(", ")}`,
    );
    assert.ok(sought.atS > SECONDS - 5);
    assert.ok(verifiedBytes < wantedBytes / 2, `${verifiedBytes} of ${wantedBytes} bytes`);
    const { have } = torrent.pieces()!;
    const hasAt = (second: number): boolean => {
      const at = HEADER_BYTES + second * SAMPLES_PER_SECOND * BYTES_PER_SAMPLE;
      const piece = Math.floor(at / sample.metainfo.pieceLengthBytes);
      return (have[piece >>> 3]! & (0x80 >>> (piece & 7))) !== 0;
    };
    assert.deepEqual([hasAt(0), hasAt(SECONDS / 2), hasAt(SECONDS - 5)], [true, false, true]);
  });
});

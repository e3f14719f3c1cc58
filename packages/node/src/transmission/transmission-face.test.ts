import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Asked, withRemote } from "../testing/remote-scene.ts";
import { sampleTorrent } from "../testing/sample-torrent.ts";
import {
  addSample,
  connectTransmission,
  one,
  type Row,
  type Told,
} from "../testing/transmission-client.ts";
import { TORRENT_FIELDS } from "./torrent-fields.ts";

const ABSENT = "cd".repeat(20);

suite("Transmission's RPC", () => {
  test("a request without the session ID is told it, and not carried out", () =>
    withRemote(1, async (scene) => {
      const { face, id, send } = await connectTransmission(scene);
      const stale = { headers: { "x-transmission-session-id": "stale" } };
      const body = { method: "session-close" };
      const answer = await send(body, stale);
      assert.deepEqual([answer.status, scene.stops()], [409, 0]);
      assert.equal(answer.headers!["X-Transmission-Session-Id"], id);
      assert.ok(id.length >= 40);
      assert.equal((await send(body)).status, 200);
      assert.equal(scene.stops(), 1);
      assert.equal(face.owns("/transmission/rpc", null as never), true);
      assert.equal(face.owns("/transmission/web/", null as never), false);
    }));

  test("nobody is asked for a password (Basic), whatever the session ID", () =>
    withRemote(2, async (scene) => {
      const { send } = await connectTransmission(scene);
      const answer = await send({ method: "session-get" }, { caller: "nobody" });
      assert.equal(answer.status, 401);
      assert.match(answer.headers!["www-authenticate"]!, /^Basic realm=/);
    }));

  test("a key does what its scopes say", () =>
    withRemote(3, async (scene) => {
      const { read } = await connectTransmission(scene);
      const may = async (method: string, args: object, scopes: Asked["scopes"]) =>
        String(
          (await read({ method, arguments: args }, { caller: "key", scopes: scopes! })).result,
        );
      const magnet = { filename: `magnet:?xt=urn:btih:${ABSENT}` };
      assert.equal(await may("torrent-get", { fields: ["id"] }, ["read"]), "success");
      assert.match(await may("torrent-add", magnet, ["read"]), /scope torrents/);
      assert.match(await may("torrent-set", { queuePosition: 0 }, ["read"]), /scope torrents/);
      assert.match(await may("torrent-remove", {}, ["read"]), /scope torrents/);
      assert.match(await may("session-close", {}, ["read", "torrents"]), /scope admin/);
      const change = { "speed-limit-up": 7, "speed-limit-up-enabled": true };
      assert.match(await may("session-set", change, ["read", "torrents"]), /scope admin/);
      assert.match(await may("free-space", { path: "/" }, []), /scope read/);
    }));

  test("a torrent file is added, described, and told apart when it comes again", () =>
    withRemote(4, async (scene) => {
      const { call } = await connectTransmission(scene);
      const { sample, added } = await addSample(scene, call);
      const name = "sample 1";
      assert.deepEqual(added, { id: 1, name, hashString: sample.infoHash });
      const metainfo = Buffer.from(sample.bytes).toString("base64");
      assert.deepEqual((await call("torrent-add", { metainfo }))["torrent-duplicate"], added);
      const magnet = `magnet:?xt=urn:btih:${sample.infoHash}`;
      assert.deepEqual(
        (await call("torrent-add", { filename: magnet }))["torrent-duplicate"],
        added,
      );
      const torrent = await one(call, [
        ...["name", "hashString", "status", "percentDone", "totalSize", "leftUntilDone", "eta"],
        ...[
          "downloadDir",
          "file-count",
          "errorString",
          "isFinished",
          "files",
          "wanted",
          "nonsense",
        ],
        ...["priorities", "pieces", "pieceCount", "availability", "magnetLink", "fileStats"],
      ]);
      const { files, pieces, magnetLink, ...rest } = torrent as Row & {
        files: readonly Row[];
        magnetLink: string;
      };
      assert.deepEqual(rest, {
        name,
        hashString: sample.infoHash,
        status: 6,
        percentDone: 1,
        totalSize: sample.metainfo.lengthBytes,
        leftUntilDone: 0,
        eta: -1,
        downloadDir: "/downloads",
        "file-count": 2,
        errorString: "",
        isFinished: false,
        wanted: [1, 1],
        priorities: [0, 0],
        pieceCount: 4,
        availability: [-1, -1, -1, -1],
        fileStats: [
          { bytesCompleted: 196_608, wanted: true, priority: 0 },
          { bytesCompleted: 1000, wanted: true, priority: 0 },
        ],
      });
      assert.deepEqual(files[1], {
        bytesCompleted: 1000,
        length: 1000,
        name: "sample 1/file-1.mp4",
        beginPiece: 3,
        endPiece: 4,
      });
      assert.equal(pieces, Buffer.from([0xf0]).toString("base64"));
      assert.match(magnetLink, new RegExp(`^magnet:\\?xt=urn:btih:${sample.infoHash}`));
    }));

  test("every field is answered, in both spellings", () =>
    withRemote(5, async (scene) => {
      const { call, read } = await connectTransmission(scene);
      await addSample(scene, call);
      const fields = Object.keys(TORRENT_FIELDS);
      const params = { ids: 1, fields };
      const answer = await read({ jsonrpc: "2.0", method: "torrent_get", params, id: 1 });
      const torrent = (answer.result as Told).torrents[0]!;
      assert.deepEqual(Object.keys(torrent).toSorted(), fields.toSorted());
      for (const [name, value] of Object.entries(torrent)) assert.notEqual(value, null, name);
      assert.equal((torrent["files"] as Row[])[0]!["bytes_completed"], 196_608);
    }));

  test("a table has its names in the first row", () =>
    withRemote(6, async (scene) => {
      const { call } = await connectTransmission(scene);
      const { sample } = await addSample(scene, call);
      const fields = ["id", "hashString", "nonsense"];
      assert.deepEqual((await call("torrent-get", { fields, format: "table" })).torrents, [
        ["id", "hashString"],
        [1, sample.infoHash],
      ]);
    }));

  test("recently active torrents are those that changed, and what is gone is told", () =>
    withRemote(7, async (scene) => {
      const { call } = await connectTransmission(scene);
      await addSample(scene, call);
      const recent = async () =>
        await call("torrent-get", { ids: "recently-active", fields: ["id"] });
      assert.deepEqual(await recent(), { torrents: [{ id: 1 }], removed: [] });
      await scene.world.run({ untilMs: 120_000 });
      assert.deepEqual(await recent(), { torrents: [], removed: [] });
      await call("torrent-stop", { ids: [1] });
      assert.deepEqual(await recent(), { torrents: [{ id: 1 }], removed: [] });
      await call("torrent-remove", { ids: [1] });
      assert.deepEqual(await recent(), { torrents: [], removed: [1] });
    }));

  test("torrents are stopped, started, verified, and removed with their files", () =>
    withRemote(8, async (scene) => {
      const { call } = await connectTransmission(scene);
      const { sample } = await addSample(scene, call);
      const status = async () => (await one(call, ["status"]))["status"];
      await call("torrent-stop", { ids: [sample.infoHash] });
      assert.equal(await status(), 0);
      await call("torrent-start", {});
      assert.equal(await status(), 6);
      await call("torrent-stop", { ids: 1 });
      await call("torrent-start-now", { ids: 1 });
      assert.equal(scene.torrents.find(sample.infoHash).status().autoManaged, false);
      await call("torrent-verify", { ids: 1 });
      await scene.world.complete(scene.torrents.find(sample.infoHash).whenComplete());
      await call("torrent-reannounce", { ids: 1 });
      await call("torrent-remove", { ids: [], "delete-local-data": true });
      assert.equal(scene.torrents.summaries.length, 1);
      await call("torrent-remove", { ids: [1, 2, ABSENT], "delete-local-data": true });
      assert.equal(scene.torrents.summaries.length, 0);
      assert.equal(scene.host.files.read("/downloads/sample 1/file-1.mp4"), null);
    }));

  test("limits are set by number and switch, together or one after the other", () =>
    withRemote(9, async (scene) => {
      const { call } = await connectTransmission(scene);
      const { sample } = await addSample(scene, call);
      const { limits } = scene.torrents.find(sample.infoHash);
      assert.deepEqual(limits, { download: null, upload: null });
      await call("torrent-set", { ids: 1, downloadLimit: 50 });
      assert.deepEqual(await one(call, ["downloadLimit", "downloadLimited"]), {
        downloadLimit: 50,
        downloadLimited: false,
      });
      await call("torrent-set", {
        ids: 1,
        downloadLimited: true,
        uploadLimit: 7,
        uploadLimited: 1,
      });
      const now = scene.torrents.find(sample.infoHash).limits;
      assert.deepEqual(now, { download: 50_000, upload: 7000 });
      await call("torrent-set", { ids: 1, seedRatioLimit: 1.5, seedRatioMode: 1, seedIdleMode: 2 });
      assert.deepEqual(scene.torrents.find(sample.infoHash).shareLimits, {
        ratio: 1.5,
        idleTimeMs: null,
      });
      await call("torrent-set", { ids: 1, seedRatioMode: 0, seedIdleMode: 1, seedIdleLimit: 10 });
      assert.deepEqual(scene.torrents.find(sample.infoHash).shareLimits, { idleTimeMs: 600_000 });
      assert.deepEqual(await one(call, ["seedRatioLimit", "seedRatioMode", "seedIdleLimit"]), {
        seedRatioLimit: 1.5,
        seedRatioMode: 0,
        seedIdleLimit: 10,
      });
    }));

  test("files are selected and ordered; all of them by an empty list", () =>
    withRemote(10, async (scene) => {
      const { call, refusal } = await connectTransmission(scene);
      await addSample(scene, call);
      await call("torrent-set", { ids: 1, "files-unwanted": [1], "priority-high": [0, 1] });
      const fields = ["wanted", "priorities"];
      assert.deepEqual(await one(call, fields), { wanted: [1, 0], priorities: [1, 0] });
      await call("torrent-set", { ids: 1, "files-wanted": [], "priority-low": [1] });
      assert.deepEqual(await one(call, fields), { wanted: [1, 1], priorities: [1, -1] });
      assert.match(await refusal("torrent-set", { ids: 1, "files-wanted": [2] }), /index/);
      assert.match(await refusal("torrent-set", { ids: 1, "files-wanted": [-1] }), /index/);
    }));

  test("labels are the category and tags; groups are categories", () =>
    withRemote(11, async (scene) => {
      const { call } = await connectTransmission(scene);
      const { sample } = await addSample(scene, call);
      await call("group-set", {
        name: "tv",
        "speed-limit-down": 20,
        "speed-limit-down-enabled": true,
      });
      await call("torrent-set", { ids: 1, labels: ["new", "tv"] });
      assert.deepEqual(await one(call, ["labels", "group"]), {
        labels: ["tv", "new"],
        group: "tv",
      });
      assert.deepEqual(scene.control.tags.of(sample.infoHash), ["new"]);
      const [group] = (await call("group-get", { group: "tv" })).group;
      assert.deepEqual(group, {
        honorsSessionLimits: true,
        name: "tv",
        "speed-limit-down-enabled": true,
        "speed-limit-down": 20,
        "speed-limit-up-enabled": false,
        "speed-limit-up": 0,
      });
      await call("torrent-set", { ids: 1, labels: [] });
      assert.deepEqual(await one(call, ["labels", "group"]), { labels: [], group: "" });
    }));

  test("torrents are moved, and their files and folders renamed", () =>
    withRemote(12, async (scene) => {
      const { call, refusal, read } = await connectTransmission(scene);
      const { sample } = await addSample(scene, call);
      const torrent = scene.torrents.find(sample.infoHash);
      const moved = Promise.withResolvers<void>();
      torrent.on(({ type }) => {
        if (type === "moved") moved.resolve();
      });
      await call("torrent-set-location", { ids: 1, location: "/elsewhere", move: true });
      await scene.world.complete(moved.promise);
      assert.equal((await one(call, ["downloadDir"]))["downloadDir"], "/elsewhere");
      const rename = { ids: [1], path: "sample 1/file-1.mp4", name: "film.mp4" };
      assert.deepEqual(await call("torrent-rename-path", rename), {
        path: "sample 1/file-1.mp4",
        name: "film.mp4",
        id: 1,
      });
      await call("torrent-rename-path", { ids: [1], path: "sample 1", name: "films" });
      const files = (await one(call, ["files"]))["files"] as readonly Row[];
      const names = files.map(({ name }) => name);
      assert.deepEqual(names, ["films/file-0.mp4", "films/film.mp4"]);
      assert.match(await refusal("torrent-rename-path", { ...rename, name: "../x" }), /name/);
      assert.match(await refusal("torrent-rename-path", { path: "a", name: "b" }), /nothing at a/);
      const relative = { method: "torrent_set_location", params: { location: "a", move: true } };
      assert.equal((await read({ jsonrpc: "2.0", id: 1, ...relative })).error.code, 3);
      assert.match(await refusal("torrent-set-location", { location: "/x" }), /set move/);
    }));

  test("the queue is moved in, torrents keeping their order", () =>
    withRemote(13, async (scene) => {
      const { call } = await connectTransmission(scene);
      for (const seed of [1, 2, 3, 4]) {
        const metainfo = Buffer.from(sampleTorrent(seed).bytes).toString("base64");
        await call("torrent-add", { metainfo, paused: true });
      }
      const order = async () =>
        (await call("torrent-get", { fields: ["id"] })).torrents.map(({ id }) => id);
      await call("queue-move-top", { ids: [3, 4] });
      assert.deepEqual(await order(), [3, 4, 1, 2]);
      await call("queue-move-down", { ids: [3] });
      assert.deepEqual(await order(), [4, 3, 1, 2]);
      await call("queue-move-bottom", { ids: [4, 3] });
      assert.deepEqual(await order(), [1, 2, 4, 3]);
      await call("torrent-set", { ids: [3], queuePosition: 0 });
      assert.deepEqual(await order(), [3, 1, 2, 4]);
    }));

  test("what would be a lie is refused", () =>
    withRemote(16, async (scene) => {
      const { call, refusal } = await connectTransmission(scene);
      await addSample(scene, call);
      for (const args of [
        { bandwidthPriority: 1 },
        { honorsSessionLimits: false },
        { trackerRemove: [0] },
        { trackerList: "not a url" },
        { location: "relative" },
      ]) {
        assert.notEqual(await refusal("torrent-set", { ids: 1, ...args }), "success");
      }
      await call("torrent-set", {
        ids: 1,
        bandwidthPriority: 0,
        trackerAdd: ["udp://a.example:1"],
      });
      assert.equal((await one(call, ["trackerList"]))["trackerList"], "udp://a.example:1");
      assert.match(await refusal("torrent-add", { filename: "/etc/passwd" }), /magnet link/);
      assert.match(await refusal("torrent-add", { metainfo: "AAAA" }), /./);
      assert.match(await refusal("torrent-add", {}), /no filename or metainfo specified/);
      const cookies = { filename: "https://a.example/x.torrent", cookies: "a=b" };
      assert.match(await refusal("torrent-add", cookies), /Cookies/);
      const relative = { filename: `magnet:?xt=urn:btih:${ABSENT}`, "download-dir": "x" };
      assert.match(await refusal("torrent-add", relative), /not absolute/);
    }));
});

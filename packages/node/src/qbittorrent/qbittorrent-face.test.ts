import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { connectQbittorrent, type Fields, type Row } from "../testing/qbittorrent-client.ts";
import { withRemote } from "../testing/remote-scene.ts";
import { sampleTorrent } from "../testing/sample-torrent.ts";

suite("qBittorrent's API", () => {
  test("signing in sets the cookie SID; wrong passwords are told, and shut out in the end", () =>
    withRemote(1, async (scene) => {
      const { send } = connectQbittorrent(scene);
      const nobody = { caller: "nobody" } as const;
      const signIn = async (password: string) =>
        await send("POST", "auth/login", { username: "admin", password }, nobody);
      const { status, text, headers } = await signIn("secret");
      assert.deepEqual([status, text], [200, "Ok."]);
      assert.match(headers["set-cookie"]!, /^SID=\w+;/);
      for (const _ of [1, 2, 3]) assert.equal((await signIn("guess")).text, "Fails.");
      assert.equal((await signIn("secret")).status, 403);
      const inQuery = await send("GET", "auth/login", { password: "secret" }, nobody);
      assert.equal(inQuery.status, 405);
      const out = await send("POST", "auth/logout");
      assert.match(out.headers["set-cookie"]!, /^SID=;/);
    }));

  test("without a password this machine is signed in as it is", () =>
    withRemote(2, async (scene) => {
      const { door, send } = connectQbittorrent(scene);
      door.isSet = false;
      const local = { caller: "local" } as const;
      const answer = await send("POST", "auth/login", { password: "any" }, local);
      assert.deepEqual([answer.status, answer.text], [200, "Ok."]);
      assert.match(answer.headers["set-cookie"]!, /^SID=/);
    }));

  test("who has not signed in is told 403, and sees nothing", () =>
    withRemote(3, async (scene) => {
      const { send } = connectQbittorrent(scene);
      for (const path of ["app/webapiVersion", "torrents/info", "sync/maindata", "nonsense"]) {
        const { status, text } = await send("GET", path, {}, { caller: "nobody" });
        assert.deepEqual([status, text], [403, "Forbidden"]);
      }
    }));

  test("what changes something is not done by GET", () =>
    withRemote(4, async (scene) => {
      const { send } = connectQbittorrent(scene);
      for (const path of ["torrents/delete", "torrents/add", "app/shutdown"]) {
        assert.equal((await send("GET", path, { hashes: "all" })).status, 405);
      }
      assert.equal(scene.stops(), 0);
      assert.equal((await send("POST", "__proto__")).status, 404);
      assert.equal((await send("POST", "app/shutdown")).status, 200);
      assert.equal(scene.stops(), 1);
    }));

  test("a key does what its scopes say", () =>
    withRemote(5, async (scene) => {
      const { send } = connectQbittorrent(scene);
      const reader = { caller: "key", scopes: ["read"] } as const;
      assert.equal((await send("GET", "torrents/info", {}, reader)).status, 200);
      const magnet = { urls: `magnet:?xt=urn:btih:${"ab".repeat(20)}` };
      for (const [path, fields] of [
        ["torrents/add", magnet],
        ["torrents/delete", { hashes: "all" }],
        ["torrents/createTags", { tags: "a" }],
        ["torrents/addTags", { hashes: "all", tags: "a" }],
        ["app/setPreferences", { json: '{"dl_limit":5}' }],
        ["app/shutdown", {}],
      ] as const) {
        assert.equal((await send("POST", path, fields, reader)).status, 403, path);
      }
    }));

  test("Sonarr: tests the connection, makes its category, adds a file, and imports it when it is done", () =>
    withRemote(6, async (scene) => {
      const { get, list, readText, post, upload } = connectQbittorrent(scene);
      const [major, minor] = (await readText("app/webapiVersion")).split(".").map(Number);
      assert.ok(major === 2 && minor! >= 11);
      assert.match(await readText("app/version"), /^v5\./);
      const preferences = await get("app/preferences");
      assert.deepEqual(
        ["save_path", "dht", "max_ratio_enabled", "max_ratio_act", "queueing_enabled"].map(
          (name) => preferences[name],
        ),
        ["/downloads", true, false, 0, true],
      );
      assert.deepEqual(await get("torrents/categories"), {});
      await post("torrents/createCategory", { category: "tv-sonarr" });
      assert.deepEqual(await get("torrents/categories"), {
        "tv-sonarr": { name: "tv-sonarr", savePath: "" },
      });
      const sample = sampleTorrent(1);
      scene.place(sample);
      const fields = { category: "tv-sonarr", stopped: "False", ratioLimit: "1.5" };
      assert.deepEqual(await upload(sample.bytes, fields), [200, "Ok."]);
      const hash = sample.infoHash;
      assert.equal((await get("torrents/properties", { hash }))["save_path"], "/downloads");
      await post("torrents/topPrio", { hashes: hash });
      await post("torrents/setForceStart", { hashes: hash, value: "true" });
      await post("torrents/setShareLimits", {
        hashes: hash,
        ratioLimit: "2",
        seedingTimeLimit: "60",
      });
      await post("torrents/addTags", { hashes: hash, tags: "1080p,Series" });
      await scene.world.complete(scene.torrents.find(hash).whenComplete());
      const [torrent = {}, ...others] = await list("torrents/info", { category: "tv-sonarr" });
      assert.equal(others.length, 0);
      const told = ["hash", "name", "size", "progress", "eta", "state", "category", "save_path"];
      assert.deepEqual(Object.fromEntries(told.map((name) => [name, torrent[name]])), {
        hash,
        name: "sample 1",
        size: sample.metainfo.lengthBytes,
        progress: 1,
        eta: 8_640_000,
        state: "forcedUP",
        category: "tv-sonarr",
        save_path: "/downloads",
      });
      assert.equal(torrent["content_path"], "/downloads/sample 1");
      assert.notEqual(torrent["content_path"], torrent["save_path"]);
      assert.deepEqual(
        [
          torrent["ratio_limit"],
          torrent["seeding_time_limit"],
          torrent["inactive_seeding_time_limit"],
        ],
        [2, 60, -2],
      );
      assert.equal(torrent["tags"], "1080p, Series");
      const files = await list("torrents/files", { hash });
      assert.deepEqual(
        files.map(({ name }) => name),
        ["sample 1/file-0.mp4", "sample 1/file-1.mp4"],
      );
      await post("torrents/createCategory", { category: "tv-imported" });
      await post("torrents/setCategory", { hashes: hash, category: "tv-imported" });
      assert.deepEqual(await list("torrents/info", { category: "tv-sonarr" }), []);
      await post("torrents/stop", { hashes: hash });
      assert.equal((await list("torrents/info"))[0]!["state"], "stoppedUP");
      await post("torrents/delete", { hashes: hash, deleteFiles: "true" });
      assert.deepEqual(await list("torrents/info"), []);
      assert.equal(scene.host.files.read("/downloads/sample 1/file-0.mp4"), null);
    }));

  test("Radarr: adds a magnet link, sees that it fetches metadata, and gives up on it", () =>
    withRemote(7, async (scene) => {
      const { get, list, post, send } = connectQbittorrent(scene);
      await post("torrents/createCategory", { category: "radarr", savePath: "/films" });
      const hash = "ab".repeat(20);
      const magnet = `magnet:?xt=urn:btih:${hash}&dn=A+film`;
      assert.equal(await post("torrents/add", { urls: magnet, category: "radarr" }), "Ok.");
      assert.equal(await post("torrents/add", { urls: magnet }), "Fails.");
      const [torrent = {}] = await list("torrents/info", { category: "radarr" });
      assert.deepEqual(
        [
          torrent["state"],
          torrent["name"],
          torrent["size"],
          torrent["save_path"],
          torrent["content_path"],
        ],
        ["metaDL", "A film", 0, "/films", "/films/A film"],
      );
      assert.equal(
        (await get("torrents/properties", { hash: hash.toUpperCase() }))["has_metadata"],
        false,
      );
      assert.deepEqual(await get("torrents/files", { hash }), []);
      assert.equal(
        (await send("POST", "torrents/filePrio", { hash, id: "0", priority: "1" })).status,
        409,
      );
      await post("torrents/delete", { hashes: hash });
      assert.equal((await send("GET", "torrents/properties", { hash })).status, 404);
    }));

  test("Flood: asks by POST, adds with options, selects files, and moves in the queue", () =>
    withRemote(8, async (scene) => {
      const { post, upload, get, list } = connectQbittorrent(scene);
      for (const seed of [1, 2]) {
        const { bytes } = sampleTorrent(seed);
        const options = { savepath: "/else", stopped: "true", tags: "a,b", root_folder: "true" };
        assert.deepEqual(await upload(bytes, options), [200, "Ok."]);
      }
      const hash = sampleTorrent(1).infoHash;
      const infos = JSON.parse(await post("torrents/info")) as readonly Row[];
      assert.deepEqual(
        infos.map(({ state, save_path, tags }) => [state, save_path, tags]),
        [
          ["stoppedDL", "/else", "a, b"],
          ["stoppedDL", "/else", "a, b"],
        ],
      );
      await post("torrents/bottomPrio", { hashes: hash });
      assert.equal((await list("torrents/info"))[1]!["hash"], hash);
      await post("torrents/removeTags", { hashes: "all", tags: "a" });
      assert.deepEqual(await get("torrents/tags"), ["a", "b"]);
      assert.equal((await list("torrents/info"))[0]!["tags"], "b");
      const trackers = JSON.parse(await post("torrents/trackers", { hash })) as readonly Row[];
      assert.deepEqual(trackers[0], {
        url: "** [DHT] **",
        tier: -1,
        status: 2,
        msg: "",
        num_peers: 0,
        num_seeds: 0,
        num_leeches: 0,
        num_downloaded: 0,
      });
      await post("torrents/addTrackers", { hash, urls: "udp://a.example:1\nudp://b.example:2" });
      assert.equal((await list("torrents/trackers", { hash })).length, 5);
      assert.equal((await get("sync/torrentPeers", { hash, rid: "0" }))["full_update"], true);
      const settings = { dl_limit: 5000, dht: true, max_uploads: -1, announce_ip: "" };
      await post("app/setPreferences", { json: JSON.stringify(settings) });
      assert.equal((await get("app/preferences"))["dl_limit"], 5000);
      assert.equal((await get("transfer/info"))["dl_rate_limit"], 5000);
    }));

  test("maindata tells everything first, and differences after that", () =>
    withRemote(9, async (scene) => {
      const { post, get, upload } = connectQbittorrent(scene);
      const sample = sampleTorrent(1);
      await upload(sample.bytes, { stopped: "true" });
      const first = await get("sync/maindata");
      assert.equal(first["full_update"], true);
      const torrents = first["torrents"] as Readonly<Record<string, Row>>;
      assert.equal(torrents[sample.infoHash]!["state"], "stoppedDL");
      assert.equal((first["server_state"] as Row)["connection_status"], "firewalled");
      await post("torrents/createCategory", { category: "new" });
      await post("torrents/setCategory", { hashes: "all", category: "new" });
      const second = await get("sync/maindata", { rid: `${first["rid"] as number}` });
      assert.deepEqual(second, {
        rid: Number(first["rid"]) + 1,
        torrents: { [sample.infoHash]: { category: "new" } },
        categories: { new: { name: "new", savePath: "" } },
      });
      await post("torrents/delete", { hashes: "all" });
      const third = await get("sync/maindata", { rid: `${second["rid"]}` });
      assert.deepEqual(third["torrents_removed"], [sample.infoHash]);
    }));

  test("lists are filtered, sorted and cut", () =>
    withRemote(10, async (scene) => {
      const { list, readText, upload, send } = connectQbittorrent(scene);
      for (const seed of [1, 2, 3]) await upload(sampleTorrent(seed).bytes, { stopped: "true" });
      const names = async (fields: Fields) =>
        (await list("torrents/info", fields)).map(({ name }) => (name as string).at(-1)).join("");
      assert.equal(await names({ sort: "name", reverse: "true" }), "321");
      assert.equal(await names({ sort: "name", limit: "1", offset: "-2" }), "2");
      assert.equal(await names({ filter: "stopped" }), "123");
      assert.equal(await names({ filter: "running" }), "");
      assert.equal(await names({ hashes: sampleTorrent(2).infoHash }), "2");
      assert.equal(await names({ tag: "none" }), "");
      assert.equal((await send("GET", "torrents/info", { filter: "odd" })).status, 400);
      assert.equal((await send("GET", "torrents/info", { sort: "odd" })).status, 400);
      assert.equal(await readText("torrents/count"), "3");
    }));

  test("files are selected, renamed and moved; limits are set and told", () =>
    withRemote(11, async (scene) => {
      const { get, list, post, upload, refusal } = connectQbittorrent(scene);
      const sample = sampleTorrent(1);
      scene.place(sample);
      await upload(sample.bytes);
      const hash = sample.infoHash;
      await scene.world.complete(scene.torrents.find(hash).whenComplete());
      await post("torrents/filePrio", { hash, id: "0|1", priority: "7" });
      await post("torrents/filePrio", { hash, id: "1", priority: "0" });
      const priorities = async () =>
        (await list("torrents/files", { hash })).map(({ priority }) => priority);
      assert.deepEqual(await priorities(), [7, 0]);
      const files = await list("torrents/files", { hash, indexes: "1" });
      assert.deepEqual([files.length, files[0]!["piece_range"]], [1, [3, 3]]);
      assert.equal(await refusal("torrents/filePrio", { hash, id: "0", priority: "3" }), 400);
      assert.equal(await refusal("torrents/filePrio", { hash, id: "x", priority: "1" }), 400);
      assert.equal(await refusal("torrents/filePrio", { hash, id: "9", priority: "1" }), 409);
      const [oldPath, newPath] = ["sample 1/file-0.mp4", "sample 1/film.mp4"];
      await post("torrents/renameFile", { hash, oldPath, newPath });
      await post("torrents/renameFolder", { hash, oldPath: "sample 1", newPath: "films" });
      assert.equal((await list("torrents/info"))[0]!["content_path"], "/downloads/films");
      await post("torrents/setDownloadLimit", { hashes: hash, limit: "1000" });
      assert.deepEqual(JSON.parse(await post("torrents/downloadLimit", { hashes: hash })), {
        [hash]: 1000,
      });
      await post("torrents/setDownloadLimit", { hashes: hash, limit: "0" });
      assert.equal((await get("torrents/properties", { hash }))["dl_limit"], -1);
      assert.equal(await refusal("torrents/setLocation", { hashes: hash, location: "" }), 400);
      assert.equal(await refusal("torrents/setLocation", { hashes: hash, location: "a" }), 409);
      await post("torrents/setLocation", { hashes: hash, location: "/moved" });
      await scene.world.run({ untilMs: 60_000 });
      assert.equal((await list("torrents/info"))[0]!["save_path"], "/moved");
      assert.deepEqual(await get("torrents/pieceStates", { hash }), [2, 2, 2, 2]);
      await post("torrents/toggleSequentialDownload", { hashes: hash });
      assert.equal((await list("torrents/info"))[0]!["seq_dl"], true);
    }));

  test("what would be a lie is refused", () =>
    withRemote(12, async (scene) => {
      const { refusal, upload } = connectQbittorrent(scene);
      const { bytes, infoHash: hash } = sampleTorrent(1);
      await upload(bytes, { stopped: "true" });
      assert.deepEqual(await upload(Buffer.from("no torrent")), [415, "Torrent file is not valid"]);
      const all = { hashes: "all" };
      assert.equal(await refusal("torrents/setCategory", { ...all, category: "unknown" }), 409);
      assert.equal(await refusal("torrents/createCategory", { category: "" }), 400);
      assert.equal(await refusal("torrents/createCategory", { category: "/a" }), 409);
      assert.equal(await refusal("torrents/editCategory", { category: "unknown" }), 409);
      assert.equal(await refusal("torrents/setShareLimits", all), 400);
      assert.equal(await refusal("torrents/setShareLimits", { ...all, ratioLimit: "-1.5" }), 400);
      assert.equal(await refusal("torrents/removeTrackers", { hash, urls: "x" }), 409);
      assert.equal(await refusal("torrents/rename", { hash, name: "x" }), 409);
      assert.equal(await refusal("torrents/stop"), 400);
      const script = { json: '{"autorun_enabled":true}' };
      assert.equal(await refusal("app/setPreferences", script), 400);
      assert.equal(await refusal("app/setPreferences", { json: "[]" }), 400);
    }));
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withRemote } from "../testing/remote-scene.ts";
import {
  addSample,
  connectTransmission,
  type Row,
  type Told,
} from "../testing/transmission-client.ts";

suite("the session in Transmission's RPC", () => {
  test("the session is told and changed; what cannot be changed may come as it is", () =>
    withRemote(14, async (scene) => {
      const { call, refusal, read } = await connectTransmission(scene);
      const session = await call("session-get");
      assert.deepEqual(
        [session["rpc-version"], session["rpc-version-minimum"], session["download-dir"]],
        [18, 14, "/downloads"],
      );
      assert.match(session["version"] as string, /^4\.1\.0 /);
      assert.equal(session.units["speed-bytes"], 1000);
      assert.deepEqual(session["speed-limit-down-enabled"], false);
      await call("session-set", { ...session, "speed-limit-down": 80 });
      await call("session-set", { "speed-limit-down-enabled": true, seedRatioLimited: true });
      const fields = ["speed-limit-down", "seedRatioLimit", "nonsense"];
      assert.deepEqual(await call("session-get", { fields }), {
        "speed-limit-down": 80,
        seedRatioLimit: 2,
      });
      assert.match(
        await refusal("session-set", { "alt-speed-enabled": true }),
        /cannot be changed/,
      );
      const script = { "script-torrent-done-filename": "/bin/evil" };
      assert.match(await refusal("session-set", script), /cannot be changed/);
      assert.match(await refusal("session-set", { "download-dir": "relative" }), /not absolute/);
      const snake = await read({ jsonrpc: "2.0", method: "session_get", id: 1 });
      const told = snake.result as Told;
      assert.deepEqual([told["speed_limit_down"], told.units["speed_bytes"]], [80, 1000]);
    }));

  test("statistics, free space, port test and blocklist are answered as they are", () =>
    withRemote(15, async (scene) => {
      const { call, refusal } = await connectTransmission(scene);
      await addSample(scene, call);
      const stats = await call("session-stats");
      assert.deepEqual([stats["torrentCount"], stats["activeTorrentCount"]], [1, 1]);
      assert.equal((stats["cumulative-stats"] as Row)["filesAdded"], 1);
      const space = await call("free-space", { path: "/downloads" });
      assert.equal(space["path"], "/downloads");
      assert.ok("size-bytes" in space && "total_size" in space);
      assert.match(await refusal("free-space", { path: "x" }), /not absolute/);
      assert.deepEqual(await call("port-test"), { "port-is-open": false });
      assert.match(await refusal("blocklist-update"), /no filter is set/);
      assert.match(await refusal("nonsense"), /method name not recognized/);
      assert.match(await refusal("__proto__"), /method name not recognized/);
    }));

  test("torrents that do not say start, or not, as the session was told", () =>
    withRemote(17, async (scene) => {
      const { call } = await connectTransmission(scene);
      await call("session-set", { "start-added-torrents": false });
      await addSample(scene, call, false);
      const [torrent] = scene.torrents.summaries;
      assert.equal(torrent?.state, "paused");
      assert.equal((await call("session-get"))["start-added-torrents"], false);
    }));
});

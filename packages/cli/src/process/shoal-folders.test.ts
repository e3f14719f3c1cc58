import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { findShoalFolders } from "./shoal-folders.ts";

suite("folders", () => {
  test("SHOAL_HOME holds everything, on every platform", () => {
    assert.deepEqual(findShoalFolders({ SHOAL_HOME: "/x" }, "linux", "/home/a"), {
      config: "/x/config",
      data: "/x/data",
      state: "/x/state",
      runtime: "/x/state",
    });
    const windows = findShoalFolders({ SHOAL_HOME: "D:\\x" }, "win32", "C:\\Users\\a");
    assert.equal(windows.state, "D:\\x\\state");
  });

  test("XDG's folders and their defaults on Linux; relative ones are ignored", () => {
    const env = { XDG_CONFIG_HOME: "/c", XDG_STATE_HOME: "relative" };
    assert.deepEqual(findShoalFolders(env, "linux", "/home/a"), {
      config: "/c/shoal",
      data: "/home/a/.local/share/shoal",
      state: "/home/a/.local/state/shoal",
      runtime: "/home/a/.local/state/shoal",
    });
    const { runtime } = findShoalFolders({ XDG_RUNTIME_DIR: "/run/user/1" }, "linux", "/home/a");
    assert.equal(runtime, "/run/user/1/shoal");
  });

  test("the platform's folders on macOS and Windows", () => {
    assert.equal(
      findShoalFolders({}, "darwin", "/Users/a").state,
      "/Users/a/Library/Application Support/Shoal/state",
    );
    const env = { LOCALAPPDATA: "C:\\Users\\a\\AppData\\Local" };
    const expected = "C:\\Users\\a\\AppData\\Local\\Shoal\\state";
    assert.equal(findShoalFolders(env, "win32", "C:\\Users\\a").state, expected);
    assert.equal(findShoalFolders({}, "win32", "C:\\Users\\a").state, expected);
  });
});

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import type { SettingsChange } from "@shoal/api";
import { openPrivateFolder } from "@shoal/runtime/node";
import { Configuration } from "./configuration.ts";
import { renderSettingsPage } from "./settings-page.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const home = await mkdtemp(join(tmpdir(), "shoal-config-"));
after(async () => rm(home, { recursive: true }));
let folders = 0;

/** A configuration whose file has this text; none when null. */
async function open(text: string | null, overrides: SettingsChange = {}) {
  const path = join(home, String(++folders));
  const folder = openPrivateFolder(path);
  if (text !== null) await folder.write("settings.json", Buffer.from(text));
  const configuration = await Configuration.open({ folder, overrides, log: silent });
  return { configuration, file: join(path, "settings.json") };
}

suite("configuration", () => {
  test("without a file every setting has its default", async () => {
    const { configuration } = await open(null);
    assert.equal(configuration.current.web.port, 9550);
    assert.deepEqual(configuration.waitingForRestart, []);
  });

  test("a change is in the file, and nothing else is: defaults may change later", async () => {
    const { configuration, file } = await open(`{"queue": {"activeSeeds": 3}}`);
    await configuration.change({ speed: { uploadLimit: 1000 } });
    assert.deepEqual(JSON.parse(await readFile(file, "utf8")), {
      queue: { activeSeeds: 3 },
      speed: { uploadLimit: 1000 },
    });
    assert.equal(configuration.current.speed.uploadLimit, 1000);
  });

  test("a change keeps what was edited by hand meanwhile", async () => {
    const { configuration, file } = await open(null);
    await configuration.change({ speed: { uploadLimit: 1000 } });
    await writeFile(file, `{"speed": {"uploadLimit": 1000, "downloadLimit": 5}}`);
    await configuration.change({ queue: { activeSeeds: 1 } });
    assert.equal(configuration.current.speed.downloadLimit, 5);
  });

  test("listeners hear of what holds now; what needs a restart is said to wait for it", async () => {
    const { configuration } = await open(null);
    const heard: number[] = [];
    configuration.on((now, before) => heard.push(before.web.port, now.web.port));
    await configuration.change({ web: { port: 8000 }, speed: { uploadLimit: 7 } });
    assert.deepEqual(heard, [9550, 8000]);
    assert.deepEqual(configuration.waitingForRestart, ["web.port"]);
    await configuration.change({ web: { port: 9550 } });
    assert.deepEqual(configuration.waitingForRestart, []);
  });

  test("what a run was started with holds over the file, and stays out of it", async () => {
    const { configuration, file } = await open(null, { web: { port: 0 } });
    await configuration.change({ speed: { uploadLimit: 7 } });
    assert.equal(configuration.current.web.port, 0);
    assert.doesNotMatch(await readFile(file, "utf8"), /port/);
  });

  test("an error names the line and the setting", async () => {
    const cases: [text: string, message: RegExp][] = [
      [
        `{\n "speed": {\n  "uploadLimit": "fast" }}`,
        /settings\.json, line 3: speed\.uploadLimit: /,
      ],
      [`{\n "speed": {\n  "uplaodLimit": 1 }}`, /line 3: speed\.uplaodLimit: There is no such/],
      [`{\n "spede": {}}`, /line 2: spede: There is no such setting/],
      [`{\n "web": {"port": 1,\n"port": 2}}`, /line 3: Expected each name once/],
      [`{\n "web": {\n}\n`, /line 4: Expected "}", got the end/],
      [`{"web": {"port": 1,}}`, /line 1: Expected a name in double quotes, got "}"/],
      [`// mine\n{}`, /line 1: Expected a value, got "\/"/],
      [`{"network": {"proxy": "nonsense"}}`, /line 1: network\.proxy: /],
      [`[]`, /line 1: /],
      ["[".repeat(50), /fewer levels/],
    ];
    for (const [text, message] of cases) {
      await assert.rejects(open(text), { code: "bad-settings", message }, text);
    }
  });

  test("a change that cannot be used changes nothing", async () => {
    const { configuration, file } = await open(`{"speed": {"uploadLimit": 1}}`);
    const wrong = { web: { port: 70_000 } };
    await assert.rejects(configuration.change(wrong), {
      code: "bad-settings",
      message: /web\.port/,
    });
    assert.equal(await readFile(file, "utf8"), `{"speed": {"uploadLimit": 1}}`);
    assert.equal(configuration.current.web.port, 9550);
  });

  test("docs/settings.md says what the schema says", async () => {
    const root = join(import.meta.dirname, "..", "..", "..", "..");
    const page = await readFile(join(root, "docs", "settings.md"), "utf8");
    assert.equal(page, renderSettingsPage(), "run node packages/node/src/config/generate.ts");
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { DaemonLog } from "./daemon-log.ts";

function open(level: "debug" | "info" = "info", keepBytes = 1_000_000) {
  const lines: string[] = [];
  const daemonLog = new DaemonLog((line) => void lines.push(line));
  daemonLog.configure({ level, keepBytes });
  return { daemonLog, log: daemonLog.log, lines };
}
const ALL = { after: 0, level: "debug", limit: 1000 } as const;

suite("the daemon's log", () => {
  test("writes a JSON object a line, and keeps what it wrote", () => {
    const { daemonLog, log, lines } = open();
    log.debug("not asked for");
    log.warn("a peer lied", { peer: "10.0.0.1", error: new Error("bad piece") });
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^\{"time":".*","level":"warn","event":"a peer lied",.*\}\n$/);
    const [entry] = daemonLog.list(ALL);
    assert.equal(entry?.text, "a peer lied (peer: 10.0.0.1, error: bad piece)");
  });

  test("secrets are redacted by the name of their field and by what text gives away", () => {
    const { log, lines, daemonLog } = open();
    log.info("things", {
      password: "hunter22",
      nested: [{ apiKey: "abc", sessionKey: "def", infoHash: "0123" }],
      words: "abandon abandon about",
      error: new Error("cannot reach socks5://ann:hunter22@10.0.0.1:1080"),
      url: "https://t.example/announce?passkey=0123456789&x=1",
      header: "authorization was Bearer abcdefghijkl",
    });
    const text = lines.join("") + daemonLog.list(ALL)[0]!.text;
    assert.doesNotMatch(text, /hunter22|abandon|"abc"|"def"|0123456789|abcdefghijkl/);
    assert.match(text, /socks5:\/\/\[redacted\]@10\.0\.0\.1:1080/);
    assert.match(text, /"infoHash":"0123"/);
    assert.match(text, /&x=1/);
  });

  test("the newest entries are kept, up to so many bytes", () => {
    const { daemonLog, log } = open("info", 10_000);
    for (let count = 1; count <= 200; count++) log.info("something happens", { count });
    const entries = daemonLog.list(ALL);
    assert.equal(entries.at(-1)?.number, 200);
    assert.ok(entries.length < 100 && entries.length > 30, String(entries.length));
    assert.equal(daemonLog.list({ ...ALL, after: 198 }).length, 2);
    assert.deepEqual(
      daemonLog.list({ ...ALL, limit: 1 }).map(({ number }) => number),
      [200],
    );
  });

  test("listeners hear of each entry, at the levels that are asked for", () => {
    const { daemonLog, log } = open("debug");
    const heard: string[] = [];
    const stop = daemonLog.on(({ event }) => heard.push(event));
    log.debug("one");
    log.error("two");
    stop();
    log.error("three");
    assert.deepEqual(heard, ["one", "two"]);
    assert.deepEqual(
      daemonLog.list({ ...ALL, level: "error" }).map(({ event }) => event),
      ["two", "three"],
    );
  });
});

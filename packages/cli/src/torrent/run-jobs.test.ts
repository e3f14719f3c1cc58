import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { createOutput } from "../output/output.ts";
import { runJobs, type TorrentJob, worstOf } from "./run-jobs.ts";

function record() {
  const written = { stdout: "", stderr: "" };
  const output = createOutput({
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    env: {},
    events: "ndjson",
  });
  return { output, written };
}

const jobsOf = (...sources: string[]): TorrentJob[] =>
  sources.map((source) => ({ source, torrent: null, error: null }));

suite("several torrents", () => {
  test("what stops one stops no other, and the worst exit code is the command's", async () => {
    const { output, written } = record();
    const jobs = jobsOf("a", "b", "c");
    const done: string[] = [];
    const code = await runJobs(
      jobs,
      async ({ source }) => {
        if (source === "a") throw new CliError("verification-failed", "bad data");
        if (source === "b") throw new CliError("not-found", "b does not exist");
        await new Promise((resolve) => setImmediate(resolve));
        done.push(source);
        return EXIT.ok;
      },
      { output, signal: new AbortController().signal },
    );
    assert.deepEqual([code, done], [EXIT.verificationFailed, ["c"]]);
    assert.equal(written.stderr, "a: bad data\nb: b does not exist\n");
    assert.deepEqual(JSON.parse(written.stdout.split("\n")[0]!), {
      event: "failed",
      source: "a",
      infoHash: null,
      code: "verification-failed",
      message: "bad data",
      exitCode: 6,
    });
    assert.deepEqual(
      jobs.map(({ error }) => error?.exitCode ?? null),
      [6, 4, null],
    );
  });

  test("what fails because of Ctrl-C is an interruption", async () => {
    const { output, written } = record();
    const stopping = new AbortController();
    const run = async (): Promise<never> => {
      stopping.abort();
      throw new Error("closed");
    };
    assert.equal(
      await runJobs(jobsOf("a"), run, { output, signal: stopping.signal }),
      EXIT.interrupted,
    );
    assert.equal(written.stderr, "");
  });

  test("of no codes the worst is 0", () => assert.equal(worstOf([]), EXIT.ok));
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { SessionError, TorrentError } from "@shoal/engine";
import { MagnetError, MetainfoError } from "@shoal/protocol";
import { DiskError, DnsError, HttpError, NetError, StoreError } from "@shoal/runtime";
import { CliError } from "../errors.ts";
import { describeError } from "./describe-error.ts";
import { toFileError } from "./file-error.ts";

suite("errors", () => {
  test("each has the exit code that its cause has", () => {
    const codes: [Error, number][] = [
      [new CliError("usage", "x"), 2],
      [new CliError("not-found", "x"), 4],
      [new CliError("verification-failed", "x"), 6],
      [new CliError("interrupted", "x"), 130],
      [new CliError("bad-torrent", "x"), 1],
      [new MagnetError("not-a-magnet", "x"), 2],
      [new MetainfoError("no-content", "length", "x"), 1],
      [new DiskError("full", "/d", "x"), 1],
      [new DiskError("denied", "/d", "x"), 1],
      [new DiskError("missing", "/d", "x"), 4],
      [new DnsError("not-found", "x"), 4],
      [new DnsError("failed", "x"), 1],
      [new HttpError("timeout", "x"), 1],
      [new NetError("address-in-use", "x"), 1],
      [new TorrentError("inconsistent-hashes", "x"), 6],
      [new TorrentError("bad-metadata", "x"), 6],
      [new SessionError("closed", "x"), 1],
      [new Error("x"), 1],
    ];
    for (const [error, exitCode] of codes) {
      assert.equal(describeError(error).exitCode, exitCode, `${error.name} ${error.message}`);
    }
  });

  test("state that cannot be kept names the way out", () => {
    const { message } = describeError(new StoreError("failed", "The database is a folder."));
    assert.match(message, /The database is a folder\. SHOAL_HOME may name another folder/);
  });

  test("what nobody expected is told without a stack, and how to see it", () => {
    assert.deepEqual(describeError(new Error("boom")), {
      code: "unexpected",
      message: "boom (unexpected: SHOAL_DEBUG=1 shows where)",
      exitCode: 1,
    });
  });

  test("file errors are sentences with what to do", () => {
    const error = (code: string) => Object.assign(new Error(code), { code });
    assert.match(toFileError(error("ENOSPC"), "write", "/f").message, /disk is full: free some/);
    assert.match(toFileError(error("EACCES"), "read", "/f").message, /permission is missing/);
    assert.equal(toFileError(error("ENOENT"), "read", "/f").exitCode, 4);
    assert.match(toFileError(error("ENOENT"), "write", "/a/f").message, /the folder of \/a\/f/);
  });
});

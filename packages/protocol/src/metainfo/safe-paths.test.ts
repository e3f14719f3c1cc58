import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MAX_NAME_BYTES, safeName } from "./safe-name.ts";
import { safePath, safePaths, findCollision } from "./safe-paths.ts";

describe("safeName", () => {
  test("drops what names no file", () => {
    for (const raw of ["", ".", ".."]) {
      assert.equal(safeName(raw, "portable"), null);
      assert.equal(safeName(raw, "posix"), null);
    }
  });

  test("replaces separators, controls, and characters that hide or turn text", () => {
    for (const character of [
      "/",
      "\\",
      "\0",
      "\n",
      "\x1b",
      "\x7f",
      "\x85",
      "\u2028",
      "\u200b",
      "\u200d",
      "\u200f",
      "\u202e",
      "\u2066",
      "\u2060",
      "\ufeff",
      "\u00ad",
      "\ufffd",
      "\u{e0041}",
      "\ud800",
    ]) {
      for (const rules of ["portable", "posix"] as const) {
        assert.equal(safeName(`a${character}b`, rules), "a_b", JSON.stringify(character));
      }
    }
  });

  test("keeps letters of every script, spaces inside, and leading dots", () => {
    for (const name of [".hidden", "Ünïcödé", "日本語", "a b", "(1).txt", "🐟", "-rf"]) {
      assert.equal(safeName(name, "portable"), name);
    }
  });

  test("portable: replaces what Windows does not take", () => {
    assert.equal(safeName('a<b>c:d"e|f?g*h', "portable"), "a_b_c_d_e_f_g_h");
    assert.equal(safeName("name. . ", "portable"), "name");
    assert.equal(safeName("...", "portable"), "_");
    assert.equal(safeName(" ", "portable"), "_");
    for (const name of ["con", "NUL", "aux.txt", "COM1", "lpt9.tar.gz", "com¹", "prn .x"]) {
      assert.equal(safeName(name, "portable"), `_${name}`);
    }
    for (const name of ["console", "com", "com10", "lpt", "nulls.txt"]) {
      assert.equal(safeName(name, "portable"), name);
    }
  });

  test("posix: keeps the names of files that a POSIX system holds", () => {
    for (const name of ["What?.", "a:b", "con", "...", "name "]) {
      assert.equal(safeName(name, "posix"), name);
    }
  });

  test("shortens to 240 bytes between characters and keeps the extension", () => {
    const name = safeName(`${"ü".repeat(200)}.flac`, "portable")!;
    assert.equal(name, `${"ü".repeat(117)}.flac`);
    assert.equal(Buffer.byteLength(name), 239);
    assert.equal(safeName("x".repeat(300), "posix"), "x".repeat(240));
    assert.equal(Buffer.byteLength(safeName(`a.${"x".repeat(300)}`, "posix")!), 240);
    assert.equal(Buffer.byteLength(safeName("🐟".repeat(100), "posix")!), 240);
  });
});

describe("safePaths", () => {
  const paths = (...raw: string[][]) => safePaths(raw, "portable").map((path) => path.join("/"));

  test("a path of nothing but dots becomes _", () => {
    assert.deepEqual(safePath(["..", ".", ""], "portable"), ["_"]);
    assert.deepEqual(safePath(["..", "a", "..", "b"], "portable"), ["a", "b"]);
  });

  test("more than 100 components are refused", () => {
    assert.equal(
      safePath(
        Array.from({ length: 100 }, () => "d"),
        "portable",
      ).length,
      100,
    );
    assert.throws(
      () =>
        safePath(
          Array.from({ length: 101 }, () => "d"),
          "portable",
        ),
      {
        code: "too-large",
      },
    );
  });

  test("files that differ in letter case or composition alone get numbers", () => {
    assert.deepEqual(paths(["a.txt"], ["A.TXT"], ["a.txt"]), ["a.txt", "A.1.TXT", "a.2.txt"]);
    assert.deepEqual(paths(["\u00fc"], ["u\u0308"]), ["\u00fc", "u\u0308.1"]);
    assert.deepEqual(paths(["a?"], ["a*"]), ["a_", "a_.1"]);
  });

  test("a number that another file already has is passed over", () => {
    assert.deepEqual(paths(["a"], ["a.1"], ["a"]), ["a", "a.1", "a.2"]);
    assert.deepEqual(paths(["a"], ["a"], ["a.1"]), ["a", "a.1", "a.1.1"]);
  });

  test("a file yields to a folder of its name, wherever in the list that comes", () => {
    assert.deepEqual(paths(["a"], ["a", "b"]), ["a.1", "a/b"]);
    assert.deepEqual(paths(["a", "b"], ["A"]), ["a/b", "A.1"]);
    assert.deepEqual(paths(["a", "b", "c"], ["a", "b"]), ["a/b/c", "a/b.1"]);
  });

  test("a new path collides with its equals on any file system, and with files and folders on its way", () => {
    const others = [
      ["Album", "one.flac"],
      ["Album", "\u00fc"],
    ];
    const collides = (...path: string[]) => findCollision(path, others) !== undefined;
    assert.ok(collides("album", "ONE.flac"));
    assert.ok(collides("album", "u\u0308"));
    assert.ok(collides("ALBUM"));
    assert.ok(collides("album", "one.flac", "below"));
    assert.ok(!collides("album", "one"));
    assert.ok(!collides("albums"));
    assert.ok(!collides("one.flac"));
  });

  test("many files beside many collisions take no quadratic time", () => {
    const raw = Array.from({ length: 20_000 }, (_, i) => [`x.${i}`]);
    for (let i = 0; i < 500; i += 1) raw.push(["x"]);
    assert.equal(safePaths(raw, "posix").at(-1)?.[0], "x.20498");
  });

  test("whatever the names, paths are unique, bounded, and hold no separator or dots alone", () => {
    const component = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("..", ".", "", "a", "A", "a.1", "con", "a ", "/", "C:"),
    );
    const list = fc.array(fc.array(component, { minLength: 1, maxLength: 4 }), { maxLength: 20 });
    fc.assert(
      fc.property(list, fc.constantFrom("portable", "posix"), (raw, rules) => {
        const result = safePaths(raw, rules);
        const keys = result.map((path) => path.join("/").normalize("NFC").toUpperCase());
        assert.equal(new Set(keys).size, raw.length);
        for (const [index, path] of result.entries()) {
          assert.ok(path.length > 0);
          for (const name of path) {
            assert.match(name, /^[^/\\\p{Cc}]+$/u);
            assert.ok(name !== "." && name !== "..");
            assert.ok(Buffer.byteLength(name) <= MAX_NAME_BYTES);
          }
          // No file is a folder of another.
          assert.ok(!keys.some((key) => key.startsWith(`${keys[index]}/`)));
        }
      }),
    );
  });
});

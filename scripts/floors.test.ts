import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, posix } from "node:path";
import { suite, test } from "node:test";
import { root } from "./pinned-node.mjs";
import { importsOf, withoutComments, withoutStrings } from "./source-scan.ts";
import {
  isDevelopmentFile,
  listWorkspaces,
  readManifest,
  SCOPE,
  type Workspace,
} from "./workspace.ts";

/** A package may depend on lower floors only: never upwards, never sideways. */
const FLOORS: Readonly<Record<string, number>> = {
  runtime: 0,
  protocol: 0,
  contracts: 0,
  api: 0,
  utp: 1,
  webrtc: 1,
  tracker: 1,
  dht: 1,
  chain: 1,
  engine: 2,
  speed: 3,
  bridge: 3,
  storage: 4,
  market: 5,
  fleet: 5,
  node: 6,
  web: 7,
  cli: 8,
};

/** Floors from here up compose the program and may choose its world. */
const COMPOSING_FLOOR = 6;

/** What every source may import of Node: computation only. */
const PURE_MODULES = [
  "node:buffer",
  "node:crypto",
  "node:events",
  "node:path",
  "node:path/posix",
  "node:url",
  "node:util",
  "node:zlib",
];

/** What of `node:crypto`, or of its global, draws on chance. */
const CHANCE =
  /\bimport\s*\{[^}]*\b(?:random\w+|getRandomValues)\b[^}]*\}\s*from\s*"node:crypto"|\bcrypto\.(?:random\w+|getRandomValues)\b/;

/** Globals that reach for time, chance or the network. */
const WORLDLY_GLOBALS =
  /(?<![.\w#])(?:Date\(\)|(?:Date\.now|Math\.random|performance\.now|process\.hrtime|setTimeout|setInterval)\b(?!\s*:)|await fetch\()/;

/** The places that may touch the machine; a browser's page has no ports but the browser's own. */
const WORLDS = ["packages/runtime/src/node/", "packages/web/src/", "packages/api/src/provider/"];

/** Who else may import more of Node, and what. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // The simulated store is the same SQL, in a database in memory.
  "packages/runtime/src/sim/": ["node:sqlite"],
  // The whole state as one file, the database among it.
  "packages/node/src/backup/": [
    "node:fs",
    "node:fs/promises",
    "node:sqlite",
    "node:stream",
    "node:stream/promises",
  ],
  // Lists and torrent files that the user puts somewhere.
  "packages/node/src/local-files/": ["node:fs", "node:fs/promises"],
  // The user's program, run when a torrent is complete.
  "packages/node/src/hooks/": ["node:child_process"],
  // Terminals, folders, the process itself and those that the demonstration starts.
  "packages/cli/src/": [
    "node:child_process",
    "node:fs",
    "node:fs/promises",
    "node:os",
    "node:process",
    "node:readline",
    "node:tty",
    "node:worker_threads",
  ],
};

const workspaces = listWorkspaces();
const toolNames = Object.keys(readManifest("package.json").devDependencies ?? {});
const isBuiltin = (name: string) => name.startsWith("node:") || builtinModules.includes(name);

suite("floors", () => {
  for (const workspace of workspaces) {
    const floor = FLOORS[workspace.shortName];

    test(`${workspace.shortName} stands on a floor`, () => {
      assert.notEqual(
        floor,
        undefined,
        `${workspace.folder} is not in the floor table; give it a floor in scripts/floors.test.ts`,
      );
      assert.equal(workspace.folder, `packages/${workspace.shortName}`);
    });

    test(`${workspace.shortName} depends on lower floors only`, () => {
      for (const name of declaredBy(workspace).filter((declared) => declared.startsWith(SCOPE))) {
        const below = FLOORS[name.slice(SCOPE.length)];
        assert.ok(
          below !== undefined && floor !== undefined && below < floor,
          `${workspace.shortName} (floor ${floor}) may not depend on ${name} (floor ${below})`,
        );
      }
    });

    test(`${workspace.shortName} imports what its package.json declares`, () => {
      assert.deepEqual(problemsIn(workspace, findUndeclared), []);
    });

    test(`${workspace.shortName} reaches the world through ports alone`, () => {
      assert.deepEqual(problemsIn(workspace, findWorldly), []);
    });
  }
});

function declaredBy({ manifest }: Workspace): string[] {
  return Object.keys({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  });
}

function problemsIn(
  workspace: Workspace,
  find: (workspace: Workspace, path: string, text: string) => string[],
): string[] {
  return workspace.sources.flatMap((path) =>
    find(workspace, path, readFileSync(join(root, path), "utf8")).map(
      (problem) => `${path}: ${problem}`,
    ),
  );
}

function findUndeclared(workspace: Workspace, path: string, text: string): string[] {
  const declared = new Set([...declaredBy(workspace), workspace.manifest.name]);
  if (isDevelopmentFile(path)) for (const tool of toolNames) declared.add(tool);
  return importsOf(text).flatMap((name) => {
    if (name.startsWith(".")) {
      const target = posix.join(posix.dirname(path), name);
      const homes = isDevelopmentFile(path)
        ? [`${workspace.folder}/`, "vectors/"]
        : [`${workspace.folder}/src/`, `${workspace.folder}/package.json`];
      return homes.some((home) => target.startsWith(home)) ? [] : [`${name} leaves the package`];
    }
    if (isBuiltin(name)) return name.startsWith("node:") ? [] : [`write node:${name}`];
    return declared.has(packageOf(name)) ? [] : [`${name} is not declared in package.json`];
  });
}

function findWorldly(workspace: Workspace, path: string, text: string): string[] {
  if (WORLDS.some((world) => path.startsWith(world)) || isDevelopmentFile(path)) return [];
  const exception = Object.entries(EXCEPTIONS).find(([folder]) => path.startsWith(folder));
  const allowed = [...PURE_MODULES, ...(exception?.[1] ?? [])];
  const modules = importsOf(text).filter((name) => isBuiltin(name) && !allowed.includes(name));
  const worlds = importsOf(text).filter(
    (name) =>
      /^@shoal\/runtime\/(?:node|sim)$/.test(name) &&
      (FLOORS[workspace.shortName] ?? 0) < COMPOSING_FLOOR,
  );
  const names = [
    ...(WORLDLY_GLOBALS.exec(withoutStrings(text)) ?? []),
    ...(CHANCE.exec(withoutComments(text)) ?? []),
  ];
  return [
    ...modules.map((name) => `imports ${name}; take a port of @shoal/runtime instead`),
    ...worlds.map((name) => `imports ${name}; only tests and the composing floors choose a world`),
    ...names.map((name) => `uses ${name}; take Clock, Random or Http of @shoal/runtime instead`),
  ];
}

/** `@scope/name/sub/path` -> `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

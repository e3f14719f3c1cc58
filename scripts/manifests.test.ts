import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { root } from "./pinned-node.mjs";
import { listWorkspaces, readManifest, SCOPE } from "./workspace.ts";

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

interface LockEntry {
  readonly resolved?: string;
  readonly version?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const own = readManifest("package.json");
const workspaces = listWorkspaces();
const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
const lock = (JSON.parse(lockText) as { packages: Record<string, LockEntry> }).packages;

suite("manifests", () => {
  test("every dependency is pinned to one exact version", () => {
    for (const manifest of [own, ...workspaces.map((workspace) => workspace.manifest)]) {
      const wanted = {
        ...manifest.dependencies,
        ...manifest.devDependencies,
        ...manifest.optionalDependencies,
      };
      for (const [name, version] of Object.entries(wanted)) {
        assert.match(version, EXACT, `${manifest.name} asks for ${name} ${version}`);
      }
    }
  });

  test("packages of the workspace ask for each other's present version", () => {
    const versions = new Map(workspaces.map(({ manifest }) => [manifest.name, manifest.version]));
    for (const { manifest } of workspaces) {
      for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
        if (name.startsWith(SCOPE)) assert.equal(version, versions.get(name), name);
      }
    }
  });

  test("the lock file names no registry, so any mirror serves it", () => {
    assert.doesNotMatch(lockText, /"resolved": "https?:/);
  });

  test("the lock file holds every platform's optional packages, or npm ci refuses it", () => {
    for (const [path, entry] of Object.entries(lock)) {
      for (const name of Object.keys(entry.optionalDependencies ?? {})) {
        const found = `${path}/node_modules/${name}` in lock || `node_modules/${name}` in lock;
        assert.ok(found, `${name}, which ${path} wants, is missing from package-lock.json`);
      }
    }
  });

  test("allowScripts decides about every package that runs a script when installed", () => {
    for (const [path, entry] of Object.entries(lock)) {
      if (entry.hasInstallScript !== true) continue;
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      const decided = own.allowScripts ?? {};
      assert.ok(
        name in decided || `${name}@${entry.version}` in decided,
        `${name}@${entry.version} has an install script; review it and list it in allowScripts`,
      );
    }
  });
});

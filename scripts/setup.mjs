// Prepares a checkout: the pinned Node, then the dependencies, installed by an npm that runs on the
// pinned Node (an npm on an older Node skips native packages that ask for a newer one), then the web
// interface, built. Plain
// JavaScript for Node 20 and later. Everything printed goes to stderr; nothing to do prints nothing.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isWebBuilt } from "./web-stamp.mjs";
import { NODE_VERSION, nodeBinary, nodeHome, pinnedEnvironment, root } from "./pinned-node.mjs";

const LOCK_PATIENCE_MS = 15 * 60_000;

// `npm ci` empties node_modules first, so the stamp is there only when the last one finished.
const stampFile = join(root, "node_modules", ".shoal-setup");

if (isReady()) {
  freshen();
} else {
  try {
    const { withLock } = await import("./setup-lock.mjs");
    withLock(join(nodeHome, "setup.lock"), LOCK_PATIENCE_MS, setUp);
  } catch (error) {
    console.error(`\nSet-up failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function isReady() {
  return hasPinnedNode() && readText(stampFile) === stamp() && isWebBuilt();
}

/** `bin/shoal` compares dates only, so after a checkout that changed nothing the stamp is made new. */
function freshen() {
  try {
    utimesSync(stampFile, new Date(), new Date());
  } catch {
    // A checkout that only its owner may write to works too; it merely starts a little slower.
  }
}

function setUp() {
  if (!hasPinnedNode()) installNode();
  if (readText(stampFile) !== stamp()) {
    console.error("Set-up: installing the dependencies");
    npm(["ci", "--include=dev", "--include=optional"], "the dependencies");
    writeFileSync(stampFile, stamp());
  }
  if (!isWebBuilt()) buildWeb();
}

function buildWeb() {
  console.error("Set-up: building the web interface");
  const script = join(root, "scripts", "build-web.ts");
  const ran = spawnSync(nodeBinary, [script], { cwd: root, stdio: ["ignore", "ignore", 2] });
  if (ran.error) throw ran.error;
  if (ran.status !== 0)
    throw new Error("the web interface does not build; the lines above say why");
}

function installNode() {
  console.error(`Set-up: installing Node ${NODE_VERSION} into .node`);
  rmSync(join(nodeHome, "node_modules"), { recursive: true, force: true });
  rmSync(join(nodeHome, "package-lock.json"), { force: true });
  mkdirSync(nodeHome, { recursive: true });
  const allowScripts = { [`node@${NODE_VERSION}`]: true };
  writeFileSync(join(nodeHome, "package.json"), JSON.stringify({ private: true, allowScripts }));
  const what = `Node ${NODE_VERSION}`;
  npm(["install", "--prefix", ".node", "--save-exact", `node@${NODE_VERSION}`], what);
  const ran = spawnSync(nodeBinary, ["--version"], { encoding: "utf8" });
  if (ran.stdout?.trim() !== `v${NODE_VERSION}`) {
    const why = ran.error?.message ?? (ran.stderr.trim() || `it says ${ran.stdout.trim()}`);
    rmSync(join(nodeHome, "node_modules"), { recursive: true, force: true });
    throw new Error(
      `npm installed Node ${NODE_VERSION}, but it does not run on this machine: ${why}\n` +
        "On Linux it needs glibc 2.28 or later. If npm's `ignore-scripts` setting is on, switch it off.",
    );
  }
}

function hasPinnedNode() {
  const manifest = readText(join(nodeHome, "node_modules", "node", "package.json"));
  return manifest?.includes(`"version": "${NODE_VERSION}"`) === true && existsSync(nodeBinary);
}

/** Differs whenever what has to be installed differs. */
function stamp() {
  const lock = readFileSync(join(root, "package-lock.json"));
  return createHash("sha256")
    .update(`${NODE_VERSION} ${process.platform} `)
    .update(lock)
    .digest("hex");
}

/**
 * @param {readonly string[]} args
 * @param {string} what Said in the message when it fails.
 */
function npm(args, what) {
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"];
  // About 10 s of trying again in all: npm's own schedule keeps a machine without a network waiting
  // for more than a minute before it says so.
  const patience = ["--fetch-retries=3", "--fetch-retry-mintimeout=500", "--fetch-retry-factor=4"];
  const windows = process.platform === "win32";
  const ran = spawnSync(windows ? "npm.cmd" : "npm", [...args, ...quiet, ...patience], {
    cwd: root,
    env: pinnedEnvironment(),
    shell: windows,
    stdio: ["ignore", 2, 2],
  });
  if (ran.error) {
    throw new Error(
      `npm could not be started: ${ran.error.message}\nInstall npm, which comes with Node 20 or later.`,
    );
  }
  if (ran.status !== 0) {
    throw new Error(
      `npm could not install ${what}; its own lines above say why.\n` +
        "Without a connection, or behind a proxy: connect, or set npm's `registry` or `https-proxy`,\n" +
        "then run the same command again. It goes on from where it stopped.",
    );
  }
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

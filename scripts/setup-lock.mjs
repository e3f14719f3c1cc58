// One set-up at a time: a folder that holds the pid of its owner. Renaming a folder onto one that
// is not empty fails, so the lock appears whole or not at all.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const POLL_MS = 100;

/**
 * Runs `work` while holding the lock `folder`; waits for whoever holds it.
 * A lock whose owner is dead is taken over.
 * @param {string} folder
 * @param {number} patienceMs
 * @param {() => void} work
 * @throws {Error} when the owner still lives after `patienceMs`.
 */
export function withLock(folder, patienceMs, work) {
  acquire(folder, patienceMs);
  try {
    work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {number} patienceMs
 */
function acquire(folder, patienceMs) {
  mkdirSync(dirname(folder), { recursive: true });
  const mine = mkdtempSync(join(dirname(folder), `${basename(folder)}-`));
  try {
    writeFileSync(join(mine, "pid"), String(process.pid));
    const deadline = Date.now() + patienceMs;
    let told = false;
    while (!move(mine, folder)) {
      const owner = ownerOf(folder);
      if (owner !== null && !isAlive(owner)) {
        dropStale(folder, owner);
        continue;
      }
      if (Date.now() > deadline) {
        throw new Error(
          `another set-up (process ${owner ?? "unknown"}) has held ${folder} for too long.\n` +
            "If no set-up is running, delete that folder and try again.",
        );
      }
      if (!told) console.error("Another set-up is running; waiting for it.");
      told = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
  } finally {
    rmSync(mine, { recursive: true, force: true });
  }
}

/**
 * False when `to` is there already.
 * @param {string} from
 * @param {string} to
 */
function move(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(codeOf(error))) return false;
    throw error;
  }
}

/** @param {string} folder */
function ownerOf(folder) {
  try {
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * Moves the dead owner's lock aside, and puts it back when a living one took it over meanwhile.
 * @param {string} folder
 * @param {number} deadPid
 */
function dropStale(folder, deadPid) {
  const aside = `${folder}-stale-${process.pid}`;
  if (!move(folder, aside)) return;
  if (ownerOf(aside) === deadPid || !move(aside, folder)) {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

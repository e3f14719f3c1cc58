import { chmod, lstat, mkdir, mkdtemp, rename, rm, unlink } from "node:fs/promises";
import { connect } from "node:net";
import type { Server } from "node:net";
import { dirname, join } from "node:path";
import { DiskError, NetError } from "../errors.ts";
import { lockFile } from "./file-lock.ts";
import { toNetError } from "./net-errors.ts";

/**
 * Has a server listen at a Unix socket that only this user can connect to. It is made in a folder of its own and put
 * in place when it is ready: nobody finds it with other rights. A lock beside it, `PATH.lock`, says whether who made
 * one that is there still lives: looking and replacing it would be two steps, between which another may come.
 * @returns what removes the socket's file, after the server was closed.
 * @throws {NetError} `address-in-use` when something that lives, or is no socket, has the path; `denied` or `failed`.
 */
export async function listenAtPath(server: Server, path: string): Promise<() => Promise<void>> {
  let nursery: string | null = null;
  let unlock = () => {};
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    unlock = lockFile(`${path}.lock`, path);
    if (await isTaken(path)) throw inUse(path);
    // Short: addresses of sockets may have about a hundred bytes.
    nursery = await mkdtemp(join(dirname(path), "."));
    const born = join(nursery, "s");
    await listen(server, born);
    await chmod(born, 0o600);
    await rename(born, path);
    return async () => {
      await unlink(path).catch(() => {});
      unlock();
    };
  } catch (error) {
    server.close();
    unlock();
    if (!(error instanceof DiskError))
      throw toNetError(error, "listen at", { address: path, port: 0 });
    if (error.code === "locked") throw inUse(path, error);
    const code = error.code === "denied" ? "denied" : "failed";
    throw new NetError(code, `Could not listen at ${path}: ${error.message}`, { cause: error });
  } finally {
    if (nursery !== null) await rm(nursery, { recursive: true, force: true });
  }
}

function inUse(path: string, cause?: unknown): NetError {
  const text = `Could not listen at ${path}: it is another program's. End that one first.`;
  return new NetError("address-in-use", text, { cause });
}

async function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ path }, resolve);
  await promise;
  server.off("error", reject);
}

/** Whether a program without our lock listens there, or it is no socket, which is nobody's to remove. */
async function isTaken(path: string): Promise<boolean> {
  const there = await lstat(path).catch(() => null);
  if (there === null) return false;
  if (!there.isSocket()) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.once("connect", () => resolve(true));
  socket.once("error", ({ code }: NodeJS.ErrnoException) =>
    resolve(code !== "ECONNREFUSED" && code !== "ENOENT"),
  );
  const isAlive = await promise;
  socket.destroy();
  return isAlive;
}

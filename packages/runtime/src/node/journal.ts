import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { DiskError } from "../errors.ts";
import type { Journal } from "../ports/journal.ts";
import { toDiskError } from "./disk-errors.ts";
import { syncFolder } from "./disk-upkeep.ts";
import { lockFile } from "./file-lock.ts";

/** It may hold secrets: its owner's alone. */
const MODE = 0o600;

/**
 * Opens the journal at `path`, made with its folder when missing, with its lock in a file beside it.
 * @throws {DiskError} `locked` while another program, or this one, has it open.
 */
export async function openJournal(path: string, onClosed: () => void): Promise<Journal> {
  let unlock: (() => void) | null = null;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    unlock = lockFile(`${path}.lock`, path);
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, MODE);
    // The name has to survive too, or what is appended would be nowhere.
    syncFolder(dirname(path));
    return new NodeJournal(path, file, (await file.stat()).size, () => {
      unlock?.();
      onClosed();
    });
  } catch (error) {
    unlock?.();
    throw toDiskError(error, path);
  }
}

class NodeJournal implements Journal {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #onClosed: () => void;
  #lengthBytes: number;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #failure: DiskError | null = null;

  constructor(path: string, file: FileHandle, lengthBytes: number, onClosed: () => void) {
    this.#path = path;
    this.#file = file;
    this.#lengthBytes = lengthBytes;
    this.#onClosed = onClosed;
  }

  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array> {
    return this.#do(async () => {
      const bytes = new Uint8Array(
        Math.max(0, Math.min(lengthBytes, this.#lengthBytes - offsetBytes)),
      );
      let at = 0;
      while (at < bytes.length) {
        const { bytesRead } = await this.#file.read(bytes, at, bytes.length - at, offsetBytes + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return bytes.subarray(0, at);
    });
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#change(async () => {
      let at = 0;
      while (at < bytes.length) {
        const { bytesWritten } = await this.#file.write(
          bytes,
          at,
          bytes.length - at,
          this.#lengthBytes + at,
        );
        at += bytesWritten;
      }
      await this.#file.datasync();
      this.#lengthBytes += bytes.length;
    });
  }

  truncate(lengthBytes: number): Promise<void> {
    return this.#change(async () => {
      await this.#file.truncate(lengthBytes);
      await this.#file.sync();
      this.#lengthBytes = lengthBytes;
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#last;
    await this.#file.close();
    this.#onClosed();
  }

  #change(act: () => Promise<void>): Promise<void> {
    return this.#do(async () => {
      if (this.#failure !== null) throw this.#failure;
      try {
        await act();
      } catch (error) {
        this.#failure = toDiskError(error, this.#path);
        throw error;
      }
    });
  }

  /** One after the other: a journal that were written at two places at once could be torn in the middle. */
  #do<T>(act: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      const error = new DiskError("closed", this.#path, `${this.#path} is closed.`);
      return Promise.reject(error);
    }
    const done = this.#last.then(act).catch((error: unknown) => {
      throw toDiskError(error, this.#path);
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

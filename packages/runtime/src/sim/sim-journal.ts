import { DiskError } from "../errors.ts";
import type { Journal } from "../ports/journal.ts";
import type { DiskQueue } from "./disk-queue.ts";
import type { SimFile } from "./sim-file.ts";
import type { Held, SimProcess } from "./sim-process.ts";

/** The journal at an absolute path of a simulated host; see `Disk.openJournal`. */
export function openSimJournal(process: SimProcess, queue: DiskQueue, path: string): Journal {
  const { machine } = process;
  const { files, journals } = machine;
  if (journals.has(path)) {
    const text = `${path} is in use by another program. End that one first, or use another folder.`;
    throw new DiskError("locked", path, text);
  }
  const place = locate();
  const file = files.create(place);
  file.sync();
  let lengthBytes = file.content.lengthBytes;
  let isClosed = false;
  let failure: Error | null = null;
  const unlock = () => void journals.delete(path);
  const held: Held = { release: unlock, kill: unlock };
  journals.add(path);
  process.held.add(held);

  function locate(): string {
    const slash = path.lastIndexOf("/");
    return files.place(path.slice(0, slash), [path.slice(slash + 1)]);
  }

  function write(bytes: Uint8Array): SimFile {
    files.writeAt(locate(), file, lengthBytes, bytes, process.clock.nowMs());
    return file;
  }

  async function change(range: Range, act: () => void, bytes: Uint8Array | null): Promise<void> {
    assertOpen();
    if (failure !== null) throw failure;
    try {
      const interrupt = bytes && ((length: number) => void write(bytes.subarray(0, length)));
      await queue.do(range, act, interrupt);
    } catch (error) {
      failure = error as Error;
      throw error;
    }
  }

  function assertOpen(): void {
    if (isClosed) throw new DiskError("closed", path, `${path} is closed.`);
  }

  return {
    get lengthBytes() {
      return lengthBytes;
    },
    async read(offsetBytes, wantedBytes) {
      assertOpen();
      return await queue.do({ offsetBytes, lengthBytes: wantedBytes }, () => {
        locate();
        const bytes = new Uint8Array(Math.max(0, Math.min(wantedBytes, lengthBytes - offsetBytes)));
        let at = 0;
        for (const [view, length] of file.content.views(offsetBytes, bytes.length)) {
          if (view !== null) bytes.set(view, at);
          at += length;
        }
        return bytes;
      });
    },
    async append(bytes) {
      const range = { offsetBytes: lengthBytes, lengthBytes: bytes.length };
      const act = () => {
        write(bytes).sync();
        lengthBytes += bytes.length;
      };
      await change(range, act, bytes);
    },
    async truncate(length) {
      const act = () => {
        locate();
        files.truncate(file, length);
        lengthBytes = length;
      };
      await change({ offsetBytes: length, lengthBytes: 0 }, act, null);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await queue.do({ offsetBytes: 0, lengthBytes: 0 }, unlock);
      process.held.delete(held);
    },
  };
}

interface Range {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

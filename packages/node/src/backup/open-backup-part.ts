import type { DaemonCore, DaemonPart } from "../daemon/daemon-core.ts";
import { makeBackup } from "./make-backup.ts";

/** The operation that writes a backup. */
export function openBackupPart(core: DaemonCore): DaemonPart {
  const { folders, version, runtime, torrents } = core;
  let last: Promise<unknown> = Promise.resolve();
  return {
    handlers: {
      async makeBackup({ path }) {
        const made = last.then(() =>
          makeBackup(path, {
            ...{ folders, version },
            nowMs: runtime.clock.nowMs(),
            downloadFolder: torrents.downloadFolder,
          }),
        );
        last = made.catch(() => {});
        const answer = await made;
        runtime.log.info("a backup was written", answer);
        return answer;
      },
    },
  };
}

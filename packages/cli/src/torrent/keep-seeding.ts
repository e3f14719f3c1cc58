import type { Torrent } from "@shoal/engine";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { untilSignal } from "../process/until-signal.ts";
import type { ShareNotes } from "./share-notes.ts";

/**
 * Seeds a torrent until it has shared enough or a signal asks for the end.
 * @throws what stopped the torrent, when something did.
 */
export async function keepSeeding(
  torrent: Torrent,
  { sharing, signal }: { readonly sharing: ShareNotes; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const removeListener = torrent.on((event) => {
    if (event.type === "error") reject(event.error);
  });
  try {
    return await Promise.race([
      untilSignal(signal),
      failed,
      sharing.whenShared(torrent).then(() => EXIT.ok),
    ]);
  } finally {
    removeListener();
  }
}

import { decodeUploadOnly } from "@shoal/protocol";
import type { PeerView } from "../peer/peer-view.ts";
import type { PeerExtension } from "./extension.ts";

/**
 * Whether a peer wants anything more, as that changes (BEP 21).
 * @param onUploadOnly A peer said so.
 */
export function createUploadOnly(
  onUploadOnly: (peer: PeerView, uploadOnly: boolean) => void,
): PeerExtension {
  return {
    name: "upload_only",
    attach: ({ view }) => ({
      onMessage: (payload) => onUploadOnly(view, decodeUploadOnly(payload)),
    }),
  };
}

import { decodeDontHave } from "@shoal/protocol";
import type { PeerView } from "../peer/peer-view.ts";
import type { PeerExtension } from "./extension.ts";

/**
 * Pieces that are gone again (BEP 54).
 * @param onDontHave A peer lost a piece. What it throws closes the connection.
 */
export function createDontHave(onDontHave: (peer: PeerView, piece: number) => void): PeerExtension {
  return {
    name: "lt_donthave",
    attach: ({ view }) => ({ onMessage: (payload) => onDontHave(view, decodeDontHave(payload)) }),
  };
}

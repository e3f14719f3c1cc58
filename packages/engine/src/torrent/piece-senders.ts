import { BLOCK_LENGTH_BYTES } from "@shoal/protocol";
import type { FlowGate } from "../extension/flow-gate.ts";
import type { PiecePicker } from "../picker/piece-picker.ts";
import type { Geometry } from "../storage/geometry.ts";
import type { BlockSender } from "./block-sender.ts";

/** Who sent blocks of an open piece. */
export function sendersOf(picker: PiecePicker, piece: number): ReadonlySet<BlockSender> {
  const senders = new Set<BlockSender>();
  for (const sender of picker.contributors(piece)) {
    if (sender !== undefined) senders.add(sender as BlockSender);
  }
  return senders;
}

/** Tells the gate of each block of a piece whether it was good. */
export function tellGate(
  gate: FlowGate,
  torrent: { readonly picker: PiecePicker; readonly geometry: Geometry },
  piece: number,
  ok: boolean,
): void {
  if (gate.blockVerified === undefined) return;
  torrent.picker.contributors(piece).forEach((contributor, block) => {
    const sender = contributor as BlockSender | undefined;
    // A web seed is no peer: nothing flows back to it.
    if (sender === undefined || sender.isWebSeed === true) return;
    const lengthBytes = torrent.geometry.blockLength(piece, block);
    gate.blockVerified?.(sender, piece, block * BLOCK_LENGTH_BYTES, lengthBytes, ok);
  });
}

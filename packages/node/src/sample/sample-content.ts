import { createHash } from "node:crypto";
import { createTorrentBuilder, parseMetainfo, planCreation, toHex } from "@shoal/protocol";

const SAMPLE_RATE = 44_100;
const BYTES_PER_FRAME = 4;
const HEADER_BYTES = 44;
const PIECE_BYTES = 256 * 1024;
const SECONDS_PER_CHORD = 2;
/** In semitones above A3: A minor, F, C, G, as so many songs go. */
const CHORDS = [
  [0, 3, 7, 12],
  [-4, 0, 3, 8],
  [3, 7, 10, 15],
  [-2, 2, 5, 10],
] as const;

/** A torrent of one file, with what it holds. */
export interface SampleTorrent {
  readonly name: string;
  readonly content: Uint8Array;
  /** The torrent file. */
  readonly bytes: Uint8Array;
  /** Hex. */
  readonly infoHash: string;
}

/**
 * Music to share: a WAV file that any browser plays, also while it comes.
 * @param seconds 176 kB each.
 */
export function makeSample(name: string, seconds: number): SampleTorrent {
  const content = makeWav(seconds);
  const files = [{ path: [], lengthBytes: content.length }];
  const builder = createTorrentBuilder(
    planCreation(files, { name, version: "v1", pieceLengthBytes: PIECE_BYTES }),
  );
  for (let begin = 0, piece = 0; begin < content.length; begin += PIECE_BYTES, piece++) {
    const bytes = content.subarray(begin, begin + PIECE_BYTES);
    builder.addPiece(piece, { sha1: createHash("sha1").update(bytes).digest() });
  }
  // Private (BEP 27): nobody outside of the sample is told of it.
  const torrent = builder.build({
    isPrivate: true,
    comment: "A sample swarm. Its money is play money.",
  });
  return { name, content, bytes: torrent, infoHash: toHex(parseMetainfo(torrent).v1!.infoHash) };
}

/** 16 bits, two channels: a chord at a time, its notes one after another. */
function makeWav(seconds: number): Uint8Array {
  const frames = seconds * SAMPLE_RATE;
  const wav = Buffer.alloc(HEADER_BYTES + frames * BYTES_PER_FRAME);
  wav.write("RIFF", 0, "latin1");
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write("WAVEfmt ", 8, "latin1");
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(2, 22);
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * BYTES_PER_FRAME, 28);
  wav.writeUInt16LE(BYTES_PER_FRAME, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36, "latin1");
  wav.writeUInt32LE(frames * BYTES_PER_FRAME, 40);
  const samples = new Int16Array(wav.buffer, wav.byteOffset + HEADER_BYTES, frames * 2);
  // One turn of the chords is computed, and repeated: the whole would hold everything else up for a second.
  const turnFrames = Math.min(frames, SAMPLE_RATE * SECONDS_PER_CHORD * CHORDS.length);
  const noteFrames = (SAMPLE_RATE * SECONDS_PER_CHORD) / 8;
  for (let frame = 0; frame < turnFrames; frame++) {
    const chord = CHORDS[Math.floor(frame / SAMPLE_RATE / SECONDS_PER_CHORD) % CHORDS.length]!;
    const note = Math.floor(frame / noteFrames);
    const frequency = 220 * 2 ** (chord[note % 4]! / 12);
    const since = frame % noteFrames;
    const loudness = Math.exp(-since / 6000) * Math.min(1, since / 200);
    const phase = (2 * Math.PI * frequency * frame) / SAMPLE_RATE;
    const value = (Math.sin(phase) + 0.3 * Math.sin(2 * phase)) * loudness * 9000;
    const side = note % 2 === 0 ? 0.35 : 0.65;
    samples[2 * frame] = Math.round(value * (1 - side) * 2);
    samples[2 * frame + 1] = Math.round(value * side * 2);
  }
  for (let frame = turnFrames; frame < frames; frame += turnFrames) {
    samples.copyWithin(2 * frame, 0, 2 * Math.min(turnFrames, frames - frame));
  }
  return wav;
}

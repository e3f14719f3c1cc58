import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WebStage } from "./web-stage.ts";

const PIECE_BYTES = 16_384;

/** What a shelf of free works might be called. */
const NAMES = [
  "Big Buck Bunny (2008) 1080p",
  "debian-13.2.0-amd64-netinst.iso",
  "Sintel (2010) 4K",
  "archlinux-2026.11.01-x86_64.iso",
  "Night on the Galactic Railroad (audiobook)",
  "OpenStreetMap extract, Kanto",
  "Wikipedia, simple English, 2026-10",
  "LibreOffice 26.2 for Linux",
  "Public domain classics, volume 3",
  "Tears of Steel (2012)",
  "Blender 5.1 sources",
  "Creative Commons sampler",
];

/** Adds torrents to a daemon: some complete, some begun, some that wait for somebody. */
export async function fillDaemon({ client }: WebStage): Promise<{ readonly infoHash: string }> {
  const { downloadFolder } = await client.call("getNode");
  let shown = "";
  for (const [index, name] of NAMES.entries()) {
    const content = randomBytes(PIECE_BYTES * (40 + index * 17));
    // What is there of it: all, about half, or nothing.
    const share = index % 3 === 1 ? 0.55 : index % 4 === 3 ? 0 : 1;
    await mkdir(downloadFolder, { recursive: true });
    if (share > 0) {
      const part = Buffer.from(content);
      part.fill(0, Math.floor(part.length * share));
      await writeFile(join(downloadFolder, name), part);
    }
    const { infoHash } = await client.call("addTorrent", {
      source: { torrentFile: torrentOf(name, content).toString("base64") },
      paused: index === 7,
      recheck: true,
      ...(index % 3 === 0 && { category: index % 2 === 0 ? "films" : "systems" }),
    });
    if (index === 1) shown = infoHash;
  }
  return { infoHash: shown };
}

function torrentOf(name: string, content: Buffer): Buffer {
  const hashes: Buffer[] = [];
  for (let at = 0; at < content.length; at += PIECE_BYTES)
    hashes.push(
      createHash("sha1")
        .update(content.subarray(at, at + PIECE_BYTES))
        .digest(),
    );
  const pieces = Buffer.concat(hashes);
  const head = `d4:infod6:lengthi${content.length}e4:name${Buffer.byteLength(name)}:${name}12:piece lengthi${PIECE_BYTES}e6:pieces${pieces.length}:`;
  return Buffer.concat([Buffer.from(head), pieces, Buffer.from("ee")]);
}

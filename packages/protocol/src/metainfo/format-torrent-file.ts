import { type Bencodable, EncodedBencode, encodeBencode } from "../bencode/encode-bencode.ts";
import { fromHex } from "../bytes/hex.ts";
import type { Metainfo } from "./metainfo.ts";

/**
 * A torrent file of metainfo that was parsed, from a file or from the swarm. The info dictionary is what it was, byte for
 * byte, so that the infohashes are the same.
 * @see BEP 3, BEP 12, BEP 19, BEP 52
 */
export function formatTorrentFile(metainfo: Metainfo): Uint8Array {
  const { trackers, webSeeds, pieceLayers, nodes, comment, createdBy, createdAtS } = metainfo;
  const tiers = trackers.filter((tier) => tier.length > 0);
  const first = tiers[0]?.[0];
  const root: Record<string, Bencodable> = { info: new EncodedBencode(metainfo.infoBytes) };
  if (first !== undefined) root.announce = first;
  if (tiers.flat().length > 1) root["announce-list"] = tiers;
  if (webSeeds.length > 0) root["url-list"] = webSeeds;
  if (nodes.length > 0) root.nodes = nodes.map(({ host, port }) => [host, port]);
  if (comment !== null) root.comment = comment;
  if (createdBy !== null) root["created by"] = createdBy;
  if (createdAtS !== null) root["creation date"] = createdAtS;
  if (metainfo.v2 !== null) {
    // Keys are the roots themselves, as Latin-1 text that the encoder takes.
    root["piece layers"] = new Map(
      [...pieceLayers].map(([hex, layer]) => [Buffer.from(fromHex(hex)).toString("latin1"), layer]),
    );
  }
  return encodeBencode(root);
}

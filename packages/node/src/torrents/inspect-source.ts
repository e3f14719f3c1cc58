import type { Answer } from "@shoal/api";
import type { Session } from "@shoal/engine";
import { infoHashHex, type Magnet, type Metainfo } from "@shoal/protocol";

/** What a source holds, before it is added. */
export function describeInspected(
  source: Metainfo | Magnet,
  session: Pick<Session, "find">,
): Answer<"inspectSource"> {
  const isWhole = "infoBytes" in source;
  const v1 = isWhole ? (source.v1?.infoHash ?? null) : source.infoHashV1;
  const v2 = isWhole ? (source.v2?.infoHash ?? null) : source.infoHashV2;
  const infoHash = infoHashHex((v1 ?? v2)!);
  return {
    infoHash,
    name: source.name ?? infoHash,
    isKnown: [v1, v2].some(
      (hash) => hash !== null && session.find(infoHashHex(hash)) !== undefined,
    ),
    sizeBytes: isWhole ? source.lengthBytes : null,
    files: isWhole
      ? source.files.map(({ path, lengthBytes }) => ({ path: path.join("/"), lengthBytes }))
      : [],
    trackers: source.trackers.flat(),
  };
}

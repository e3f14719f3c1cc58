import type { Answer } from "@shoal/api/client";
import type { ComponentChildren } from "preact";
import { format } from "../format/format.ts";
import { HashText } from "../parts/hash-text.tsx";
import { may } from "../state/session.ts";
import type { Torrent } from "../state/torrent.ts";
import { describeCode } from "../words/describe-problem.ts";
import { words } from "../words/words.ts";
import { TorrentOptions } from "./torrent-options.tsx";

type Detail = Answer<"getTorrent">;

/** Why it is not faster, what it is, and what it may do. */
export function OverviewTab({
  torrent,
  detail,
  onChange,
}: {
  readonly torrent: Torrent;
  readonly detail: Detail | null;
  readonly onChange: () => void;
}) {
  const say = words.value;
  return (
    <div class="stack">
      {torrent.error !== null && (
        <p class="callout bad" role="alert">
          {describeCode(torrent.errorCode, torrent.error, say)}
        </p>
      )}
      {torrent.slow !== null && torrent.error === null && (
        <p class="callout">
          <span>
            <b>{say.whySlow}</b> {say.slowWhy[torrent.slow]}
          </span>
        </p>
      )}
      {detail !== null && <Facts detail={detail} />}
      {detail !== null && may("torrents") && (
        <TorrentOptions key={detail.infoHash} detail={detail} onChange={onChange} />
      )}
    </div>
  );
}

function Facts({ detail }: { readonly detail: Detail }) {
  const say = words.value;
  const { bytes, number, dateTime, duration, percent } = format.value;
  const { v1, v2 } = detail.infoHashes;
  return (
    <section class="card" aria-label={say.facts}>
      <dl class="facts">
        <Fact name={say.folder}>{detail.contentPath ?? detail.folder}</Fact>
        <Fact name={say.category}>{detail.category ?? "–"}</Fact>
        <Fact name={say.added}>{dateTime(detail.addedAtMs)}</Fact>
        <Fact name={say.completed}>
          {detail.completedAtMs === null ? "–" : dateTime(detail.completedAtMs)}
        </Fact>
        <Fact name={say.downloaded}>{bytes(detail.downloadedBytes)}</Fact>
        <Fact name={say.uploaded}>{bytes(detail.uploadedBytes)}</Fact>
        <Fact name={say.pieces}>
          {say.piecesOf(
            number(detail.verifiedPieces),
            number(detail.pieceCount),
            bytes(detail.pieceLengthBytes),
          )}
        </Fact>
        <Fact name={say.availability}>{number(detail.availability, 2)}</Fact>
        <Fact name={say.wasted}>
          {say.wastedAs(bytes(detail.wastedBytes), number(detail.failedPieces))}
        </Fact>
        <Fact name={say.peers}>
          {say.peersAs(
            number(detail.seeds),
            number(detail.leechers),
            number(detail.knownAddresses),
          )}
        </Fact>
        <Fact name={say.activeTime}>{duration(detail.activeMs / 1000)}</Fact>
        <Fact name={say.seedingTime}>{duration(detail.seedingMs / 1000)}</Fact>
        <Fact name={say.visibility}>{detail.isPrivate ? say.private : say.public}</Fact>
        {detail.moving !== null && <Fact name={say.moving}>{percent(detail.moving)}</Fact>}
        {detail.createdBy !== null && (
          <Fact name={say.createdBy}>
            <bdi>{detail.createdBy}</bdi>
            {detail.createdAtMs !== null && ` · ${dateTime(detail.createdAtMs)}`}
          </Fact>
        )}
        {detail.comment !== null && detail.comment !== "" && (
          <Fact name={say.comment}>
            <bdi>{detail.comment}</bdi>
          </Fact>
        )}
        {v1 !== null && (
          <Fact name={say.infoHashV1} isWhole>
            <HashText text={v1} name={say.infoHashV1} isWhole />
          </Fact>
        )}
        {v2 !== null && (
          <Fact name={say.infoHashV2} isWhole>
            <HashText text={v2} name={say.infoHashV2} isWhole />
          </Fact>
        )}
        <Fact name={say.magnetLink} isWhole>
          <HashText text={detail.magnet} name={say.magnetLink} isWhole />
        </Fact>
      </dl>
    </section>
  );
}

function Fact({
  name,
  isWhole = false,
  children,
}: {
  readonly name: string;
  readonly isWhole?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={isWhole ? "whole" : ""}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { TextField } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt } from "../state/notices.ts";
import { may } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

const PEERS_MS = 2000;

/** Who this torrent is exchanged with. */
export function PeersTab({ infoHash }: { readonly infoHash: string }) {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listPeers", { infoHash }), [infoHash], PEERS_MS);
  const peers = asked.data.value?.peers;
  const { bytes, rate, percent } = format.value;
  if (peers === undefined) return <Problem text={asked.problem.value} onRetry={asked.refresh} />;
  return (
    <div class="stack">
      {peers.length === 0 ? (
        <Empty icon="users" title={say.noPeers}>
          <p>{say.noPeersHint}</p>
        </Empty>
      ) : (
        <SortTable
          name={say.peers}
          rows={peers}
          sort="down"
          keyOf={({ id }) => id}
          columns={[
            {
              id: "address",
              head: say.address,
              by: ({ address }) => address,
              isLong: true,
              cell: ({ address, port }) => (
                <code>{address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`}</code>
              ),
            },
            {
              id: "client",
              head: say.client,
              by: ({ client }) => client,
              isLong: true,
              cell: ({ client }) => <bdi>{client}</bdi>,
            },
            {
              id: "progress",
              head: say.progress,
              by: ({ progress }) => progress,
              isEnd: true,
              cell: ({ progress, isSeed }) => (isSeed ? say.seed : percent(progress)),
            },
            {
              id: "down",
              head: say.down,
              by: ({ downloadRate }) => downloadRate,
              isEnd: true,
              cell: ({ downloadRate }) => rate(downloadRate),
            },
            {
              id: "up",
              head: say.up,
              by: ({ uploadRate }) => uploadRate,
              isEnd: true,
              cell: ({ uploadRate }) => rate(uploadRate),
            },
            {
              id: "got",
              head: say.downloaded,
              by: ({ downloadedBytes }) => downloadedBytes,
              isEnd: true,
              cell: ({ downloadedBytes }) => bytes(downloadedBytes),
            },
            {
              id: "gave",
              head: say.uploaded,
              by: ({ uploadedBytes }) => uploadedBytes,
              isEnd: true,
              cell: ({ uploadedBytes }) => bytes(uploadedBytes),
            },
            {
              id: "state",
              head: say.state,
              cell: (peer) => (
                <span class="tags">
                  {peer.encrypted && <span class="tag">{say.encrypted}</span>}
                  {peer.incoming && <span class="tag">{say.incoming}</span>}
                  {peer.interested && peer.peerChoking && (
                    <span class="tag warn">{say.waitsForSlot}</span>
                  )}
                  {peer.snubbed && <span class="tag bad">{say.snubbed}</span>}
                </span>
              ),
            },
            {
              id: "source",
              head: say.source,
              by: ({ source }) => source,
              cell: ({ source }) => say.peerSources[source] ?? source,
            },
          ]}
        />
      )}
      {may("torrents") && <AddPeers infoHash={infoHash} onDone={asked.refresh} />}
    </div>
  );
}

function AddPeers({
  infoHash,
  onDone,
}: {
  readonly infoHash: string;
  readonly onDone: () => void;
}) {
  const say = words.value;
  const text = useSignal("");
  const add = async (): Promise<void> => {
    const peers = text.value.split(/[\s,]+/).filter(Boolean);
    if (peers.length === 0) return;
    const went = await attempt(async () => api.call("addPeers", { infoHash, peers }), say.asked);
    if (went) {
      text.value = "";
      onDone();
    }
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <TextField
        label={say.addPeers}
        hint={say.addPeersHint}
        placeholder="192.0.2.1:6881"
        value={text.value}
        onValue={(value) => {
          text.value = value;
        }}
      />
      <div>
        <button type="submit" class="button">
          {say.add}
        </button>
      </div>
    </form>
  );
}

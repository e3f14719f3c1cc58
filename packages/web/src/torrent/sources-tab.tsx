import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt } from "../state/notices.ts";
import { may } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

const SOURCES_MS = 3000;

/** Trackers, which know peers, and web seeds, which have the files. */
export function SourcesTab({ infoHash }: { readonly infoHash: string }) {
  return (
    <div class="stack">
      <Trackers infoHash={infoHash} />
      <WebSeeds infoHash={infoHash} />
    </div>
  );
}

function Trackers({ infoHash }: { readonly infoHash: string }) {
  const say = words.value;
  const asked = useAnswer(
    async () => api.call("listTrackers", { infoHash }),
    [infoHash],
    SOURCES_MS,
  );
  const { number, relative } = format.value;
  const trackers = asked.data.value?.trackers;
  return (
    <section class="stack-s" aria-label={say.trackers}>
      <h2>{say.trackers}</h2>
      <Problem text={trackers === undefined ? asked.problem.value : null} />
      {trackers?.length === 0 && <p class="quiet">{say.noTrackers}</p>}
      {trackers !== undefined && trackers.length > 0 && (
        <SortTable
          name={say.trackers}
          rows={trackers}
          keyOf={({ url }) => url}
          columns={[
            { id: "tier", head: say.tier, isEnd: true, cell: ({ tier }) => number(tier + 1) },
            { id: "url", head: say.trackerUrl, isLong: true, cell: ({ url }) => <bdi>{url}</bdi> },
            {
              id: "state",
              head: say.state,
              isLong: true,
              cell: ({ state, error }) => (
                <>
                  {say.trackerStates[state] ?? state}
                  {error !== null && <span class="bad"> {error}</span>}
                </>
              ),
            },
            {
              id: "seeders",
              head: say.seeders,
              isEnd: true,
              cell: ({ seeders }) => (seeders === null ? "–" : number(seeders)),
            },
            {
              id: "leechers",
              head: say.leechers,
              isEnd: true,
              cell: ({ leechers }) => (leechers === null ? "–" : number(leechers)),
            },
            {
              id: "next",
              head: say.nextAnnounce,
              isEnd: true,
              cell: ({ nextAnnounceMs }) =>
                nextAnnounceMs === null ? "–" : relative(nextAnnounceMs, Date.now()),
            },
          ]}
        />
      )}
      {may("torrents") && (
        <AddUrl
          label={say.addTracker}
          placeholder="https://tracker.example.org/announce"
          onAdd={async (url) => api.call("addTracker", { infoHash, url })}
          onDone={asked.refresh}
        />
      )}
    </section>
  );
}

function WebSeeds({ infoHash }: { readonly infoHash: string }) {
  const say = words.value;
  const asked = useAnswer(
    async () => api.call("listWebSeeds", { infoHash }),
    [infoHash],
    SOURCES_MS,
  );
  const { bytes, rate } = format.value;
  const seeds = asked.data.value?.webSeeds;
  const remove = (url: string): void => {
    void attempt(async () => {
      await api.call("removeWebSeed", { infoHash, url });
      asked.refresh();
    });
  };
  return (
    <section class="stack-s" aria-label={say.webSeeds}>
      <h2>{say.webSeeds}</h2>
      {seeds?.length === 0 && <p class="quiet">{say.noWebSeeds}</p>}
      {seeds !== undefined && seeds.length > 0 && (
        <SortTable
          name={say.webSeeds}
          rows={seeds}
          keyOf={({ url }) => url}
          columns={[
            { id: "url", head: say.url, isLong: true, cell: ({ url }) => <bdi>{url}</bdi> },
            {
              id: "state",
              head: say.state,
              cell: ({ state, error }) => (
                <>
                  {say.webSeedStates[state]}
                  {error !== null && <span class="bad"> {error}</span>}
                </>
              ),
            },
            {
              id: "rate",
              head: say.down,
              isEnd: true,
              cell: ({ downloadRate }) => rate(downloadRate),
            },
            {
              id: "bytes",
              head: say.downloaded,
              isEnd: true,
              cell: ({ downloadedBytes }) => bytes(downloadedBytes),
            },
            {
              id: "remove",
              head: "",
              isEnd: true,
              cell: ({ url }) =>
                may("torrents") && (
                  <button
                    type="button"
                    class="button plain square"
                    aria-label={say.removeThis(url)}
                    onClick={() => remove(url)}
                  >
                    <Icon name="trash" />
                  </button>
                ),
            },
          ]}
        />
      )}
      {may("torrents") && (
        <AddUrl
          label={say.addWebSeed}
          placeholder="https://example.org/files/"
          onAdd={async (url) => api.call("addWebSeed", { infoHash, url })}
          onDone={asked.refresh}
        />
      )}
    </section>
  );
}

function AddUrl({
  label,
  placeholder,
  onAdd,
  onDone,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly onAdd: (url: string) => Promise<unknown>;
  readonly onDone: () => void;
}) {
  const url = useSignal("");
  const add = async (): Promise<void> => {
    if (await attempt(async () => onAdd(url.value.trim()))) {
      url.value = "";
      onDone();
    }
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <div class="grow">
        <TextField
          label={label}
          type="url"
          required
          placeholder={placeholder}
          value={url.value}
          onValue={(value) => {
            url.value = value;
          }}
        />
      </div>
      <button type="submit" class="button">
        {words.value.add}
      </button>
    </form>
  );
}

import { useSignal } from "@preact/signals";
import type { Answer } from "@shoal/api/client";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { CheckField, TextField } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt } from "../state/notices.ts";
import { may } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { CategoryField } from "../torrents/category-field.tsx";
import { words } from "../words/words.ts";

type Feed = Answer<"listFeeds">["feeds"][number];
type Item = Answer<"listFeedItems">["items"][number];
const FEEDS_MS = 10_000;
/** While a feed is asked for the first time, or what it told of is being added. */
const SOON_MS = 1000;
const FRESH_MS = 60_000;
const HOUR_S = 3600;

/** RSS feeds, from which torrents are added as they appear. */
export function FeedsPage() {
  const say = words.value;
  const isSoon = useSignal(false);
  const asked = useAnswer(
    async () => {
      const answer = await api.call("listFeeds");
      isSoon.value = answer.feeds.some(({ isOn, lastAskedMs }) => isOn && lastAskedMs === null);
      return answer;
    },
    [],
    isSoon.value ? SOON_MS : FEEDS_MS,
  );
  const feeds = asked.data.value?.feeds ?? [];
  return (
    <div class="page">
      <h1>{say.feeds}</h1>
      <Problem text={asked.problem.value} onRetry={asked.refresh} />
      {feeds.length === 0 && (
        <Empty icon="log" title={say.noFeeds}>
          <p>{say.noFeedsHint}</p>
        </Empty>
      )}
      {feeds.map((feed) => (
        <FeedCard key={feed.id} feed={feed} onChange={asked.refresh} />
      ))}
      {may("torrents") && <AddFeed onDone={asked.refresh} />}
    </div>
  );
}

function FeedCard({ feed, onChange }: { readonly feed: Feed; readonly onChange: () => void }) {
  const say = words.value;
  const isAdding = useSignal(true);
  const items = useAnswer(
    async () => {
      const answer = await api.call("listFeedItems", { id: feed.id });
      const isFresh = Date.now() - (feed.lastAskedMs ?? 0) < FRESH_MS;
      isAdding.value = isFresh && answer.items.some(({ matched, added }) => matched && !added);
      return answer;
    },
    [feed.id, feed.lastAskedMs],
    isAdding.value ? SOON_MS : FEEDS_MS,
  );
  const { dateTime, bytes, relative } = format.value;
  const add = async ({ link, title }: Item): Promise<void> => {
    await attempt(
      async () =>
        api.call("addTorrent", {
          source: /^magnet:/i.test(link) ? { magnet: link } : { url: link },
          ...(feed.category !== null && { category: feed.category }),
          paused: feed.addPaused,
        }),
      say.addedThis(title),
    );
  };
  return (
    <section class="card" aria-label={feed.title || feed.url}>
      <div class="page-head">
        <div class="grow">
          <h2>
            <bdi>{feed.title || feed.url}</bdi>
          </h2>
          <p class="small quiet wrap-anywhere">
            {feed.url} ·{" "}
            {feed.lastAskedMs === null ? say.never : relative(feed.lastAskedMs, Date.now())}
          </p>
        </div>
        {may("torrents") && (
          <div class="row">
            <button
              type="button"
              class="button"
              onClick={() =>
                void attempt(async () => {
                  await api.call("changeFeed", { id: feed.id, isOn: !feed.isOn });
                  onChange();
                })
              }
            >
              {feed.isOn ? say.pause : say.resume}
            </button>
            <button
              type="button"
              class="button"
              onClick={() =>
                void attempt(async () => {
                  await api.call("removeFeed", { id: feed.id });
                  onChange();
                })
              }
            >
              {say.remove}
            </button>
          </div>
        )}
      </div>
      {feed.error !== null && <p class="callout bad">{feed.error}</p>}
      <SortTable
        name={say.feedItems}
        rows={items.data.value?.items ?? []}
        keyOf={({ guid }) => guid}
        columns={[
          { id: "title", head: say.name, isLong: true, cell: ({ title }) => <bdi>{title}</bdi> },
          {
            id: "size",
            head: say.size,
            isEnd: true,
            cell: ({ sizeBytes }) => (sizeBytes === null ? "–" : bytes(sizeBytes)),
          },
          {
            id: "at",
            head: say.published,
            isEnd: true,
            cell: ({ publishedAtMs }) => (publishedAtMs === null ? "–" : dateTime(publishedAtMs)),
          },
          {
            id: "state",
            head: say.state,
            cell: ({ matched, added }) =>
              added ? (
                <span class="tag good">{say.feedAdded}</span>
              ) : (
                matched && <span class="tag">{say.feedMatched}</span>
              ),
          },
          {
            id: "add",
            head: "",
            isEnd: true,
            cell: (item) =>
              may("torrents") &&
              !item.added && (
                <button
                  type="button"
                  class="button link"
                  aria-label={say.addThis(item.title)}
                  onClick={() => void add(item)}
                >
                  {say.add}
                </button>
              ),
          },
        ]}
      />
    </section>
  );
}

function AddFeed({ onDone }: { readonly onDone: () => void }) {
  const say = words.value;
  const url = useSignal("");
  const include = useSignal("");
  const category = useSignal("");
  const smartEpisodes = useSignal(false);
  const add = async (): Promise<void> => {
    const went = await attempt(
      async () =>
        api.call("addFeed", {
          url: url.value.trim(),
          category: category.value === "" ? null : category.value,
          intervalS: HOUR_S,
          filter: {
            include: include.value.split("\n").filter((line) => line.trim() !== ""),
            exclude: [],
            minBytes: null,
            maxBytes: null,
            smartEpisodes: smartEpisodes.value,
          },
        }),
      say.saved,
    );
    if (!went) return;
    url.value = "";
    onDone();
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <h2>{say.addFeed}</h2>
      <div class="cards">
        <TextField
          label={say.feedUrl}
          type="url"
          required
          placeholder="https://example.org/feed.xml"
          value={url.value}
          onValue={(value) => {
            url.value = value;
          }}
        />
        <TextField
          label={say.feedInclude}
          hint={say.feedIncludeHint}
          value={include.value}
          onValue={(value) => {
            include.value = value;
          }}
        />
        <CategoryField
          value={category.value}
          onChange={(value) => {
            category.value = value;
          }}
        />
      </div>
      <CheckField
        label={say.smartEpisodes}
        isOn={smartEpisodes.value}
        onChange={(isOn) => {
          smartEpisodes.value = isOn;
        }}
      />
      <div>
        <button type="submit" class="button primary">
          {say.add}
        </button>
      </div>
    </form>
  );
}

import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { TextField } from "../parts/field.tsx";
import { LimitField } from "../parts/limit-field.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt } from "../state/notices.ts";
import { may } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

/** Categories: where their torrents go, and how fast they may be. */
export function CategoriesSection() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listCategories"), []);
  const { rate, number } = format.value;
  const categories = asked.data.value?.categories ?? [];
  const limit = (value: number | null): string => (value === null ? say.noLimit : rate(value));
  return (
    <>
      <Problem text={asked.problem.value} onRetry={asked.refresh} />
      {categories.length === 0 ? (
        <Empty icon="folder" title={say.noCategories}>
          <p>{say.noCategoriesHint}</p>
        </Empty>
      ) : (
        <SortTable
          name={say.settingSections.categories}
          rows={categories}
          keyOf={({ name }) => name}
          columns={[
            {
              id: "name",
              head: say.name,
              by: ({ name }) => name,
              isLong: true,
              cell: ({ name }) => <bdi>{name}</bdi>,
            },
            { id: "folder", head: say.folder, isLong: true, cell: ({ folder }) => folder ?? "–" },
            {
              id: "count",
              head: say.torrents,
              isEnd: true,
              cell: ({ torrents }) => number(torrents),
            },
            {
              id: "down",
              head: say.downloadLimit,
              isEnd: true,
              cell: (each) => limit(each.downloadLimit),
            },
            {
              id: "up",
              head: say.uploadLimit,
              isEnd: true,
              cell: (each) => limit(each.uploadLimit),
            },
            {
              id: "remove",
              head: "",
              isEnd: true,
              cell: ({ name }) =>
                may("torrents") && (
                  <button
                    type="button"
                    class="button link"
                    aria-label={say.removeThis(name)}
                    onClick={() =>
                      void attempt(async () => {
                        await api.call("removeCategory", { name });
                        asked.refresh();
                      })
                    }
                  >
                    {say.remove}
                  </button>
                ),
            },
          ]}
        />
      )}
      {may("torrents") && <CategoryForm onDone={asked.refresh} />}
    </>
  );
}

function CategoryForm({ onDone }: { readonly onDone: () => void }) {
  const say = words.value;
  const name = useSignal("");
  const folder = useSignal("");
  const down = useSignal<number | null>(null);
  const up = useSignal<number | null>(null);
  const save = async (): Promise<void> => {
    const went = await attempt(
      async () =>
        api.call("setCategory", {
          name: name.value.trim(),
          folder: folder.value.trim() === "" ? null : folder.value.trim(),
          downloadLimit: down.value,
          uploadLimit: up.value,
        }),
      say.saved,
    );
    if (!went) return;
    name.value = "";
    folder.value = "";
    onDone();
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2>{say.addCategory}</h2>
      <div class="cards">
        <TextField
          label={say.name}
          required
          value={name.value}
          onValue={(value) => {
            name.value = value;
          }}
        />
        <TextField
          label={say.folder}
          value={folder.value}
          onValue={(value) => {
            folder.value = value;
          }}
        />
        <LimitField
          label={say.downloadLimit}
          value={down.value}
          onChange={(value) => {
            down.value = value;
          }}
        />
        <LimitField
          label={say.uploadLimit}
          value={up.value}
          onChange={(value) => {
            up.value = value;
          }}
        />
      </div>
      <div>
        <button type="submit" class="button">
          {say.save}
        </button>
      </div>
    </form>
  );
}

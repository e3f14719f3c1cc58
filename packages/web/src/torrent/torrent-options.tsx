import { useSignal } from "@preact/signals";
import type { Answer, Sent } from "@shoal/api/client";
import { api } from "../browser/connection.ts";
import { CheckField, TextField } from "../parts/field.tsx";
import { LimitField } from "../parts/limit-field.tsx";
import { attempt } from "../state/notices.ts";
import { words } from "../words/words.ts";

/** What may be changed of one torrent; sent when it is saved. */
export function TorrentOptions({
  detail,
  onChange,
}: {
  readonly detail: Answer<"getTorrent">;
  readonly onChange: () => void;
}) {
  const say = words.value;
  const change = useSignal<Omit<Sent<"changeTorrent">, "infoHash">>({});
  const folder = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const now = { ...detail, ...change.value };
  const set = (part: typeof change.value): void => {
    change.value = { ...change.value, ...part };
  };
  const isChanged = Object.keys(change.value).length > 0 || folder.value !== null;
  const save = async (): Promise<void> => {
    isBusy.value = true;
    const { infoHash } = detail;
    const went = await attempt(async () => {
      if (Object.keys(change.value).length > 0)
        await api.call("changeTorrent", { infoHash, ...change.value });
      if (folder.value !== null && folder.value !== detail.folder)
        await api.call("moveTorrent", { infoHash, folder: folder.value });
      onChange();
    }, say.saved);
    isBusy.value = false;
    if (went) {
      change.value = {};
      folder.value = null;
    }
  };
  return (
    <form
      class="card"
      aria-label={say.options}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2>{say.options}</h2>
      <div class="cards">
        <LimitField
          label={say.downloadLimit}
          value={now.downloadLimit ?? null}
          onChange={(downloadLimit) => set({ downloadLimit })}
        />
        <LimitField
          label={say.uploadLimit}
          value={now.uploadLimit ?? null}
          onChange={(uploadLimit) => set({ uploadLimit })}
        />
        <TextField
          label={say.stopAtRatio}
          inputMode="decimal"
          placeholder={say.asSettings}
          value={String(now.shareLimits?.ratio ?? "")}
          onValue={(text) => {
            const ratio = text.trim() === "" ? null : Number(text);
            if (ratio === null || Number.isFinite(ratio))
              set({ shareLimits: { ...now.shareLimits, ratio } });
          }}
        />
        <TextField
          label={say.moveTo}
          value={folder.value ?? detail.folder}
          onValue={(text) => {
            folder.value = text;
          }}
        />
      </div>
      <CheckField
        label={say.sequential}
        hint={say.sequentialHint}
        isOn={now.sequential ?? false}
        onChange={(sequential) => set({ sequential })}
      />
      <CheckField
        label={say.endsFirst}
        isOn={now.endsFirst ?? false}
        onChange={(endsFirst) => set({ endsFirst })}
      />
      <CheckField
        label={say.superSeeding}
        isOn={now.superSeeding ?? false}
        onChange={(superSeeding) => set({ superSeeding })}
      />
      <CheckField
        label={say.autoManaged}
        hint={say.autoManagedHint}
        isOn={now.autoManaged ?? false}
        onChange={(autoManaged) => set({ autoManaged })}
      />
      <div class="row">
        <button type="submit" class="button primary" disabled={!isChanged || isBusy.value}>
          {say.save}
        </button>
      </div>
    </form>
  );
}

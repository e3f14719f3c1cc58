import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { Menu } from "../parts/menu.tsx";
import { arrangement, counts, isListWhole, order } from "../state/live.ts";
import { attempt } from "../state/notices.ts";
import { prefer, preferences } from "../state/preferences.ts";
import { NOTHING_SELECTED, type Selection } from "../state/selection.ts";
import { may } from "../state/session.ts";
import { words } from "../words/words.ts";
import { AddDialog } from "./add-dialog.tsx";
import { CategoryDialog } from "./category-dialog.tsx";
import { DropZone } from "./drop-zone.tsx";
import { Filters } from "./filters.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";
import type { Source } from "./sources.ts";
import { TorrentGrid } from "./torrent-grid.tsx";

type Action = Parameters<typeof api.call<"actOnTorrents">>[1]["action"];

/** Every torrent, what they do, and what can be done to them. */
export function TorrentsPage() {
  const selection = useSignal<Selection>(NOTHING_SELECTED);
  const adding = useSignal<readonly Source[] | null>(null);
  const removing = useSignal(false);
  const sorting = useSignal(false);
  const say = words.value;
  const shown = order.value;
  const { selected } = selection.value;
  const chosen = selected.size === 0 ? [] : shown.filter((infoHash) => selected.has(infoHash));
  const canChange = may("torrents");
  const act = (action: Action): void => {
    const infoHashes = [...chosen];
    void attempt(async () => api.call("actOnTorrents", { infoHashes, action }));
  };
  const openAdd = useCallback(
    (sources: readonly Source[]) => {
      adding.value = sources;
    },
    [adding],
  );
  const isNothing = chosen.length === 0;
  return (
    <div class={`torrents ${preferences.value.isCompact ? "compact" : ""}`}>
      <h1 class="unseen">{say.torrents}</h1>
      <div class="toolbar" role="toolbar" aria-label={say.actions}>
        <button
          type="button"
          class="button primary"
          disabled={!canChange}
          onClick={() => openAdd([])}
        >
          <Icon name="add" />
          <span class="text">{say.add}</span>
        </button>
        <ToolButton
          icon="play"
          text={say.resume}
          isDisabled={isNothing || !canChange}
          onClick={() => act("resume")}
        />
        <ToolButton
          icon="pause"
          text={say.pause}
          isDisabled={isNothing || !canChange}
          onClick={() => act("pause")}
        />
        <ToolButton
          icon="trash"
          text={say.remove}
          isDisabled={isNothing || !canChange}
          onClick={() => {
            removing.value = true;
          }}
        />
        <Menu
          name={say.moreActions}
          isDisabled={isNothing || !canChange}
          items={[
            { text: say.forceStart, icon: "speed", onPick: () => act("force-start") },
            { text: say.recheck, icon: "check", onPick: () => act("recheck") },
            { text: say.reannounce, icon: "refresh", onPick: () => act("reannounce") },
            {
              text: say.setCategory,
              icon: "folder",
              onPick: () => {
                sorting.value = true;
              },
            },
            { text: say.queueTop, icon: "up", onPick: () => act("queue-top") },
            { text: say.queueUp, icon: "up", onPick: () => act("queue-up") },
            { text: say.queueDown, icon: "down", onPick: () => act("queue-down") },
            { text: say.queueBottom, icon: "down", onPick: () => act("queue-bottom") },
          ]}
        />
        <button
          type="button"
          class="button plain square"
          aria-pressed={preferences.value.isCompact}
          aria-label={say.compact}
          title={say.compact}
          onClick={() => prefer({ isCompact: !preferences.value.isCompact })}
        >
          <Icon name="rows" />
        </button>
        <span class="small quiet" role="status">
          {isNothing ? "" : say.selected(chosen.length)}
        </span>
        <div class="search">
          <Icon name="search" />
          <input
            class="input"
            type="search"
            aria-label={say.searchTorrents}
            placeholder={say.searchTorrents}
            value={arrangement.value.search}
            onInput={(event) => {
              arrangement.value = { ...arrangement.value, search: event.currentTarget.value };
            }}
          />
        </div>
      </div>
      <Filters />
      {shown.length > 0 ? (
        <TorrentGrid
          selection={selection}
          onRemove={() => {
            removing.value = canChange;
          }}
        />
      ) : (
        <Nothing onAdd={() => openAdd([])} />
      )}
      {canChange && <DropZone onSources={openAdd} />}
      {adding.value !== null && (
        <AddDialog
          given={adding.value}
          onClose={() => {
            adding.value = null;
          }}
        />
      )}
      {removing.value && chosen.length > 0 && (
        <RemoveDialog
          infoHashes={chosen}
          onClose={() => {
            removing.value = false;
          }}
          onDone={() => {
            removing.value = false;
            selection.value = NOTHING_SELECTED;
          }}
        />
      )}
      {sorting.value && chosen.length > 0 && (
        <CategoryDialog
          infoHashes={chosen}
          onClose={() => {
            sorting.value = false;
          }}
        />
      )}
    </div>
  );
}

function ToolButton({
  icon,
  text,
  isDisabled,
  onClick,
}: {
  readonly icon: IconName;
  readonly text: string;
  readonly isDisabled: boolean;
  readonly onClick: () => void;
}) {
  return (
    <button
      type="button"
      class="button plain"
      disabled={isDisabled}
      aria-label={text}
      title={text}
      onClick={onClick}
    >
      <Icon name={icon} />
      <span class="text">{text}</span>
    </button>
  );
}

function Nothing({ onAdd }: { readonly onAdd: () => void }) {
  const say = words.value;
  if (!isListWhole.value) return <p class="empty quiet">{say.loading}</p>;
  if (counts.value.all > 0) {
    return (
      <Empty icon="search" title={say.nothingMatches}>
        <button
          type="button"
          class="button"
          onClick={() => {
            arrangement.value = { ...arrangement.value, state: "all", category: null, search: "" };
          }}
        >
          {say.showAll}
        </button>
      </Empty>
    );
  }
  return (
    <Empty icon="down" title={say.noTorrents}>
      <p>{say.noTorrentsHint}</p>
      <button type="button" class="button primary" disabled={!may("torrents")} onClick={onAdd}>
        <Icon name="add" />
        {say.addTorrents}
      </button>
    </Empty>
  );
}

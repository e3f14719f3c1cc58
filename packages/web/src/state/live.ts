import { computed, signal } from "@preact/signals";
import type { Answer, EventData } from "@shoal/api/client";
import { api } from "../browser/connection.ts";
import { type DaemonEvent, followEvents, type StreamState } from "../browser/event-stream.ts";
import { type Arrangement, arrange, mayReorder } from "./arrange.ts";
import { isPopUp } from "./pop-up.ts";
import { may } from "./session.ts";
import { readSiteRequests } from "./site-requests.ts";
import { type ListChange, TorrentList } from "./torrent-list.ts";
import type { TorrentsEvent } from "./torrent.ts";

const PAGE_TORRENTS = 1000;
const FIRST_PAGE_TORRENTS = 200;
const KEPT_LOG_ENTRIES = 1000;

export const streamState = signal<StreamState>("connecting");
export const transfer = signal<Answer<"getTransfer"> | null>(null);
export const trading = signal<Answer<"getTrading"> | null>(null);
export const sample = signal<Answer<"getSample"> | null>(null);
export const walletNews = signal<EventData<"wallet"> | null>(null);
export const logTail = signal<readonly EventData<"log">[]>([]);

const list = new TorrentList();
/** Goes up whenever a torrent has changed, came or went. */
export const revision = signal(0);
export const isListWhole = signal(false);

export const arrangement = signal<Arrangement>({
  sort: "addedAtMs",
  descending: true,
  state: "all",
  category: null,
  search: "",
});

/** Goes up only when a change may move rows. */
const orderRevision = signal(0);
let lastOrder: readonly string[] = [];
let lastArrangement: Arrangement | null = null;

/** Infohashes as the list shows them. */
export const order = computed<readonly string[]>(() => {
  void orderRevision.value;
  const wanted = arrangement.value;
  const isSameSort =
    lastArrangement?.sort === wanted.sort && lastArrangement.descending === wanted.descending;
  lastOrder = arrange(list.values(), wanted, isSameSort ? lastOrder : []);
  lastArrangement = wanted;
  return lastOrder;
});

export const torrentOf = (infoHash: string) => list.get(infoHash);
export const counts = computed(() => {
  void revision.value;
  return list.counts;
});
/** All of them; whoever asks pays for it. */
export const allTorrents = computed(() => {
  void revision.value;
  return list.values();
});

let waiting: TorrentsEvent[] = [];
let frame = 0;
const addedSince = new Set<string>();

/** Events of one frame are applied at once: the page draws them once, however many came. */
function applyWaiting(): void {
  frame = 0;
  if (waiting.length === 0) return;
  const batch = waiting;
  waiting = [];
  noteChange(list.apply(batch));
}

function noteChange(change: ListChange): void {
  revision.value++;
  if (mayReorder(change, arrangement.peek())) orderRevision.value++;
}

function takeTorrents(event: TorrentsEvent): void {
  for (const { infoHash } of event.added) addedSince.add(infoHash);
  waiting.push(event);
  // A hidden page gets no frames, and would hoard events.
  if (document.visibilityState === "hidden") applyWaiting();
  else if (frame === 0) frame = requestAnimationFrame(applyWaiting);
}

function takeEvent(event: DaemonEvent): void {
  switch (event.name) {
    case "hello":
      void readWhole();
      return;
    case "torrents":
      takeTorrents(event.data);
      return;
    case "transfer":
      transfer.value = event.data;
      return;
    case "log":
      logTail.value = [...logTail.value, event.data].slice(-KEPT_LOG_ENTRIES);
      return;
    case "wallet":
      walletNews.value = event.data;
      return;
    case "trading":
      trading.value = event.data;
      return;
    case "sample":
      sample.value = event.data;
      return;
    case "sites":
      void readSiteRequests();
      return;
  }
}

/** What events build upon, asked for whenever a stream begins. The first page is short, so that something shows soon. */
async function readWhole(): Promise<void> {
  if (isPopUp) {
    await readSiteRequests();
    return;
  }
  void readInto(transfer, api.call("getTransfer"));
  if (may("wallet")) void readInto(trading, api.call("getTrading"));
  void readInto(sample, api.call("getSample"));
  void readSiteRequests();
  try {
    await readTorrents();
  } catch {
    // The stream says whether the daemon is there; when it comes back, this is asked again.
  }
}

async function readTorrents(): Promise<void> {
  list.beginReading();
  addedSince.clear();
  const seen = new Set<string>();
  let total = 1;
  let offset = 0;
  while (offset < total) {
    const limit = offset === 0 ? FIRST_PAGE_TORRENTS : PAGE_TORRENTS;
    const page = await api.call("listTorrents", {
      offset,
      limit,
      sort: "addedAtMs",
      order: "desc",
    });
    total = page.total;
    offset += Math.max(page.torrents.length, 1);
    for (const { infoHash } of page.torrents) seen.add(infoHash);
    list.takePage(page.torrents);
    noteChange({ isStructural: true, fields: new Set() });
  }
  list.endReading(seen, addedSince);
  isListWhole.value = true;
  noteChange({ isStructural: true, fields: new Set() });
}

/** Wallets and samples may be none of this caller's business: then they stay unknown. */
async function readInto<T>(target: { value: T | null }, asked: Promise<T>): Promise<void> {
  try {
    target.value = await asked;
  } catch {
    target.value = null;
  }
}

/** Follows the daemon. @returns what stops it. */
export function startLive(): () => void {
  return followEvents({
    // A small window shows nothing else.
    ...(isPopUp && { topics: "sites" }),
    onEvent: takeEvent,
    onState: (state) => {
      streamState.value = state;
    },
  });
}

import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import { openWebStage, type WebStage } from "../../e2e/web/web-stage.ts";
import type { Scope } from "../clients/scope.ts";
import type { Figures } from "../contest.ts";

const TORRENTS = 10_000;
/** Of them, how many change each second while the list scrolls. */
const CHANGES_PER_SECOND = 200;
const SCROLL_MS = 6000;
const STEP_PX = 700;

/** Notes when the first rows of the list have been painted: after the frame that drew them. */
const NOTE_FIRST_ROWS = `
  new MutationObserver((_, observer) => {
    if (document.querySelector("[data-row]") === null) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { globalThis.firstRowsMs = performance.now(); }));
  }).observe(document, { childList: true, subtree: true });
`;

/** A daemon with ten thousand paused torrents; it lives as long as the scope. */
export class CrowdedDaemon {
  #stage: Promise<WebStage> | null = null;
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Opens the page anew, scrolls through its list while torrents change, and reads the browser's trace of that. */
  async measure(): Promise<Figures> {
    const { browser, context, client, daemon } = await (this.#stage ??= this.#open());
    const page = await context.newPage();
    await page.addInitScript({ content: NOTE_FIRST_ROWS });
    try {
      await page.goto(daemon.url);
      await page.locator(`[role=grid][aria-rowcount="${TORRENTS + 1}"]`).waitFor();
      const firstRows = Number(await page.evaluate("globalThis.firstRowsMs"));
      // The first time that the mouse moves, the program that drives the browser works on it: none of the page's.
      await page.mouse.move(640, 400);
      await browser.startTracing(page, { categories: ["devtools.timeline", "toplevel"] });
      const changing = new AbortController();
      const changes = changeTorrents(client, changing.signal);
      await scroll(page);
      changing.abort();
      await changes;
      return { firstRows, ...longestTasks(await browser.stopTracing()) };
    } finally {
      await page.close();
    }
  }

  async #open(): Promise<WebStage> {
    const stage = await openWebStage({ language: "en", settings: { chain: { embedded: false } } });
    this.#scope.defer(() => stage.close());
    for (let index = 0; index < TORRENTS; index++) {
      await stage.client.call("addTorrent", {
        source: { torrentFile: torrentOf(index) },
        paused: true,
      });
    }
    return stage;
  }
}

async function scroll(page: Page): Promise<void> {
  const endsAt = performance.now() + SCROLL_MS;
  while (performance.now() < endsAt) {
    await page.mouse.wheel(0, STEP_PX);
    await page.waitForTimeout(16);
  }
}

async function changeTorrents(client: WebStage["client"], signal: AbortSignal): Promise<void> {
  const { torrents } = await client.call("listTorrents", { limit: 1000 });
  for (let turn = 0; !signal.aborted; turn++) {
    for (let index = 0; index < CHANGES_PER_SECOND && !signal.aborted; index++) {
      const { infoHash } = torrents[(turn * CHANGES_PER_SECOND + index) % torrents.length]!;
      await client.call("changeTorrent", { infoHash, category: `category ${turn % 5}` });
    }
  }
}

/**
 * The longest time for which the page's main thread could do nothing else, and the most that one task worked: on a
 * machine that others use, too, a task also waits for its turn.
 */
function longestTasks(trace: Buffer): Figures {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const renderers = traceEvents.filter(
    ({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain",
  );
  const mains = new Set(renderers.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => name.endsWith("RunTask") && mains.has(`${pid} ${tid}`),
  );
  const longest = (read: (task: TraceEvent) => number | undefined): number =>
    tasks.reduce((most, task) => Math.max(most, (read(task) ?? 0) / 1000), 0);
  return { longestTask: longest(({ dur }) => dur), longestWork: longest(({ tdur }) => tdur) };
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds from begin to end. */
  readonly dur?: number;
  /** Microseconds of work in that. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

function torrentOf(index: number): string {
  const name = `torrent number ${index} of many, with a name as long as such names are`;
  const hash = createHash("sha1").update(String(index)).digest();
  const head = `d4:infod6:lengthi${16_384 + index}e4:name${name.length}:${name}12:piece lengthi32768e6:pieces20:`;
  return Buffer.concat([Buffer.from(head), hash, Buffer.from("ee")]).toString("base64");
}

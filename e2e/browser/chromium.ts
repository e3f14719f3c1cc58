import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Child, run } from "../../bench/clients/child.ts";
import { withDeadline } from "../../bench/clients/deadline.ts";
import type { Scope } from "../../bench/clients/scope.ts";

const PAGE = new URL("page.html", import.meta.url);
/** Its bundle for browsers lies in the package, so that none of its dependencies is needed. */
const WEBTORRENT = "webtorrent@2.8.5";

/** What the page reports. */
export type PageReport =
  | { readonly event: "done"; readonly hashes: Readonly<Record<string, string>> }
  | { readonly event: "seeding"; readonly magnet: string }
  | { readonly event: "warning" | "failed"; readonly message: string };

/** A headless Chromium with a page in which WebTorrent does one thing. */
export class BrowserPeer {
  readonly #reports: PageReport[] = [];
  #browser: Child | null = null;
  readonly #waiting = new Set<() => void>();

  /** @param init.file What the page downloads (a torrent file), or shares (any file). */
  static async start(
    scope: Scope,
    init: { job: "get" | "seed"; tracker: string; file: string },
  ): Promise<BrowserPeer> {
    const peer = new BrowserPeer();
    const origin = await peer.#serve(scope, init.file, await fetchBundle(scope));
    const query = new URLSearchParams({ do: init.job, tracker: init.tracker });
    const args = [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      ...["--no-first-run", "--disable-background-networking", "--disable-component-update"],
      `--user-data-dir=${await scope.folder()}`,
      `${origin}/?${query.toString()}`,
    ];
    peer.#browser = new Child("/usr/bin/chromium", args, { scope });
    return peer;
  }

  /**
   * The first report of this kind.
   * @throws {Error} when the page failed, or nothing came in time.
   */
  async report<Event extends PageReport["event"]>(
    event: Event,
  ): Promise<Extract<PageReport, { event: Event }>> {
    const { promise, resolve, reject } =
      Promise.withResolvers<Extract<PageReport, { event: Event }>>();
    const look = (): void => {
      for (const report of this.#reports) {
        if (report.event === event) resolve(report as Extract<PageReport, { event: Event }>);
        else if (report.event === "failed") reject(new Error(`the page: ${report.message}`));
      }
    };
    this.#waiting.add(look);
    look();
    try {
      return await withDeadline(promise, `the page reports ${event}`);
    } catch (cause) {
      throw new Error(`${(cause as Error).message}\n${this.#browser?.tail}`, { cause });
    } finally {
      this.#waiting.delete(look);
    }
  }

  async #serve(scope: Scope, file: string, bundle: string): Promise<string> {
    const served: Readonly<Record<string, readonly [string | URL, string]>> = {
      "/": [PAGE, "text/html"],
      "/webtorrent.min.js": [bundle, "text/javascript"],
      "/file": [file, "application/octet-stream"],
    };
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://page");
      if (request.method === "POST") {
        let text = "";
        request.setEncoding("utf8");
        request.on("data", (part: string) => (text += part));
        request.on("end", () => {
          this.#reports.push(JSON.parse(text) as PageReport);
          for (const look of this.#waiting) look();
          response.end();
        });
        return;
      }
      const [path, type] = served[pathname] ?? [];
      if (path === undefined) {
        response.writeHead(404).end();
        return;
      }
      readFile(path).then(
        (bytes) => response.writeHead(200, { "content-type": type! }).end(bytes),
        () => response.writeHead(500).end(),
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    scope.defer(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

async function fetchBundle(scope: Scope): Promise<string> {
  const folder = await scope.folder();
  await run(
    "npm",
    "pack",
    WEBTORRENT,
    "--silent",
    "--ignore-scripts",
    "--pack-destination",
    folder,
  );
  const tarball = join(folder, `${WEBTORRENT.replace("@", "-")}.tgz`);
  await run("tar", "-xzf", tarball, "-C", folder);
  return join(folder, "package/dist/webtorrent.min.js");
}

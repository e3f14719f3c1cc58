import { readFile } from "node:fs/promises";
import { Child } from "../../bench/clients/child.ts";
import { withDeadline } from "../../bench/clients/deadline.ts";
import type { Scope } from "../../bench/clients/scope.ts";

/** What the page reports. */
export type PlayerReport =
  /** It has played from the start to `atS`; or, after it went near the end, from there. */
  | { readonly event: "played" | "sought"; readonly duration: number; readonly atS: number }
  | { readonly event: "failed"; readonly message: string };

/** A headless Chromium that plays what a server has, in a page of that server's. */
export class PlayerPage {
  readonly #reports: PlayerReport[] = [];
  readonly #waiting = new Set<() => void>();
  #browser: Child | null = null;

  /** The page's own address and its reports. @returns Null for everything else. */
  async answer(method: string, path: string, body: Uint8Array): Promise<Uint8Array | null> {
    if (method === "POST" && path === "/report") {
      this.#reports.push(JSON.parse(Buffer.from(body).toString()) as PlayerReport);
      for (const look of this.#waiting) look();
      return new Uint8Array();
    }
    return path === "/" ? await readFile(new URL("player.html", import.meta.url)) : null;
  }

  /** @param origin Where {@link answer} is asked. @param src Path of what is to be played. */
  async open(scope: Scope, origin: string, src: string): Promise<void> {
    const args = [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      ...["--no-first-run", "--disable-background-networking", "--disable-component-update"],
      ...["--autoplay-policy=no-user-gesture-required", "--mute-audio"],
      `--user-data-dir=${await scope.folder()}`,
      `${origin}/?${new URLSearchParams({ src }).toString()}`,
    ];
    this.#browser = new Child("/usr/bin/chromium", args, { scope });
  }

  /** @throws {Error} when the page failed, or nothing came in time. */
  async report(event: "played" | "sought"): Promise<{ duration: number; atS: number }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ duration: number; atS: number }>();
    const look = (): void => {
      for (const report of this.#reports) {
        if (report.event === "failed") reject(new Error(`the page: ${report.message}`));
        else if (report.event === event) resolve(report);
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
}

/**
 * What the daemon serves at `/provider.js`: it announces the wallet of the daemon that it came from. Twice on a page it does
 * so once.
 */
import { announceProvider } from "./announce-provider.ts";

interface Scripts {
  readonly currentScript: { readonly src?: string } | null;
  querySelector(selector: string): { readonly src: string } | null;
}

const { document } = globalThis as unknown as { readonly document: Scripts };
/** A module has no current script. */
const source =
  document.currentScript?.src ?? document.querySelector('script[src*="/provider.js"]')?.src;
const KEY = Symbol.for("shoal provider");
const page = globalThis as unknown as Record<symbol, unknown>;
page[KEY] ??= announceProvider(source === undefined ? {} : { url: new URL(".", source).href });

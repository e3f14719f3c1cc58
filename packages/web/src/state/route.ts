import { computed, signal } from "@preact/signals";

/** Where the page is: the parts of the address behind `#/`, decoded. */
export type Route = readonly string[];

/** @param hash Such as `#/torrents/ab12/files`; what stands behind a question mark is no part of it. */
export function parseRoute(hash: string): Route {
  return hash
    .replace(/\?.*$/, "")
    .replace(/^#?\/?/, "")
    .split("/")
    .filter((part) => part !== "")
    .map(decodePart);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a place in the page. */
export function hrefTo(...parts: Route): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

const hash = signal(typeof location === "undefined" ? "" : location.hash);
if (typeof addEventListener !== "undefined") {
  addEventListener("hashchange", () => {
    hash.value = location.hash;
  });
}

export const route = computed(() => parseRoute(hash.value));

export function go(...parts: Route): void {
  location.hash = hrefTo(...parts);
}

import { createHash } from "node:crypto";
import type { HttpServerResponse } from "@shoal/runtime";
import type { FolderEntry } from "./folder-view.ts";
import { GATEWAY_PREFIX, gatewayPath } from "./gateway-path.ts";

/** Entries of a page of a listing. */
export const ENTRIES_PER_PAGE = 1000;

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}" +
  "table{border-collapse:collapse;width:100%}td,th{text-align:start;padding:.3rem .6rem;border-bottom:1px solid #8884;overflow-wrap:anywhere}" +
  "td:last-child,th:last-child{text-align:end;white-space:nowrap}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8cf}}";

/** Nothing but this one style is allowed, whatever gets into a page. */
const POLICY =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-top-navigation-by-user-activation";

/** Says what this gateway is, and whom to tell of what it should not serve. */
export function noticePage(abuseContact: string | null): HttpServerResponse {
  return page(
    200,
    "Content of a BitTorrent node",
    `<p>This gateway passes on files of torrents that this node has, by their hashes. Nobody has reviewed them, and they
    say nothing of what its operator thinks. Open nothing that you do not trust.</p>
    <p>A torrent is at <code>${GATEWAY_PREFIX}/</code> and its infohash, a file of a v2 torrent also at its CID.</p>
    ${describeContact(abuseContact)}`,
  );
}

/** Why a request is not answered with content. */
export function refusalPage(
  status: 400 | 404 | 405 | 451,
  abuseContact: string | null,
): HttpServerResponse {
  const [title, text] = {
    400: ["This address cannot be read", "Expected an infohash or a CID, and a path."],
    404: ["Not here", "This node does not have it, or does not pass it on."],
    405: ["Only to be read", "GET and HEAD are answered."],
    451: [
      "Not available",
      "The operator of this gateway does not pass this on, for legal reasons.",
    ],
  }[status];
  return page(status, title!, `<p>${text!}</p>${describeContact(abuseContact)}`);
}

/** A folder of a torrent. */
export function listingPage(init: {
  readonly infoHash: string;
  readonly name: string;
  readonly path: readonly string[];
  readonly entries: readonly FolderEntry[];
  /** The first entry to show. */
  readonly from: number;
  readonly abuseContact: string | null;
}): HttpServerResponse {
  const { infoHash, name, path, entries, from, abuseContact } = init;
  const shown = entries.slice(from, from + ENTRIES_PER_PAGE);
  const rows = shown.map(({ name: own, lengthBytes, fileIndex }) => {
    const isFolder = fileIndex === null;
    const link = `${gatewayPath(infoHash, [...path, own])}${isFolder ? "/" : ""}`;
    const text = `${escapeHtml(own)}${isFolder ? "/" : ""}`;
    return `<tr><td><a href="${link}" rel="nofollow">${text}</a></td><td>${formatBytes(lengthBytes)}</td></tr>`;
  });
  const here = gatewayPath(infoHash, path);
  const up =
    path.length === 0 ? "" : `<p><a href="${gatewayPath(infoHash, path.slice(0, -1))}/">Up</a></p>`;
  const next = from + ENTRIES_PER_PAGE;
  const more = next < entries.length ? `<p><a href="${here}/?from=${next}">More</a></p>` : "";
  return page(
    200,
    [name, ...path].join(" / "),
    `${up}<table><thead><tr><th scope="col">Name</th><th scope="col">Size</th></tr></thead>
    <tbody>${rows.join("\n")}</tbody></table>${more}
    <p><small>Passed on as it is, reviewed by nobody: <a href="${GATEWAY_PREFIX}/">about this gateway</a>.</small></p>
    ${describeContact(abuseContact)}`,
  );
}

function page(status: number, title: string, body: string): HttpServerResponse {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
    <meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
    <style>${STYLE}</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache",
      ...(status === 405 && { allow: "GET, HEAD" }),
    },
    body: Buffer.from(html),
  };
}

/** An address to write to or to open becomes a link; nothing else does. */
function describeContact(contact: string | null): string {
  if (contact === null) return "";
  const text = escapeHtml(contact);
  const isMail = /^[\w.+-]+@[\w.-]+$/.test(contact);
  const isWeb = contact.startsWith("https://") && URL.canParse(contact);
  const shown = isMail || isWeb ? `<a href="${isMail ? "mailto:" : ""}${text}">${text}</a>` : text;
  return `<p>To report content: ${shown}</p>`;
}

/** For text and for values of attributes within double quotes. */
export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll(/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}

function formatBytes(lengthBytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, lengthBytes)) / 10));
  const value = lengthBytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]!}`;
}

import { globSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Face } from "@shoal/node";
import { CONTENT_SECURITY_POLICY, webFolder } from "@shoal/web";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** What other sites' pages load, to have the wallet (EIP-1193); they may, as it holds nothing that is anybody's. */
const PROVIDER = "/provider.js";
const FOR_OTHER_SITES = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
};

/** Names in this folder carry their content's hash: what has a name never changes. */
const HASHED = "/assets/";
const FOREVER = "public, max-age=31536000, immutable";

interface WebFile {
  readonly type: string;
  readonly plain: Uint8Array;
  readonly packed: Uint8Array;
}

/**
 * Serves the built web interface at `/`, to whoever asks: it holds nothing that is anybody's. The files are few and
 * small, so they are read once, and nothing of a request ever becomes a path.
 * @param folder Where the built page is. Without one the way to build it is shown instead.
 */
export function createWebFace(folder: URL = webFolder): Face {
  const files = readFiles(fileURLToPath(folder));
  return {
    owns: (path) => path === "/" || files.has(path),
    maxBodyBytes: () => 0,
    handle({ method, target, headers: asked }) {
      const [path = "/"] = target.split("?", 1);
      const headers = { "content-security-policy": CONTENT_SECURITY_POLICY };
      if (method !== "GET" && method !== "HEAD") {
        return { status: 405, headers: { ...headers, allow: "GET, HEAD" }, body: new Uint8Array() };
      }
      const file = files.get(path === "/" ? "/index.html" : path);
      if (file === undefined) {
        const text = "The web interface is not built. Build it with: npm run build:web\n";
        const type = { "content-type": "text/plain; charset=utf-8" };
        return { status: 503, headers: { ...headers, ...type }, body: Buffer.from(text) };
      }
      const isPacked = /\bgzip\b/.test(asked["accept-encoding"] ?? "");
      return {
        status: 200,
        headers: {
          ...headers,
          ...(path === PROVIDER && FOR_OTHER_SITES),
          "content-type": file.type,
          "cache-control": path.startsWith(HASHED) ? FOREVER : "no-cache",
          vary: "accept-encoding",
          ...(isPacked && { "content-encoding": "gzip" }),
        },
        body: isPacked ? file.packed : file.plain,
      };
    },
  };
}

function readFiles(folder: string): ReadonlyMap<string, WebFile> {
  const files = new Map<string, WebFile>();
  for (const path of globSync("**/*.*", { cwd: folder })) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const plain = readFileSync(join(folder, path));
    files.set(`/${path.replaceAll("\\", "/")}`, { type, plain, packed: gzipSync(plain) });
  }
  return files;
}

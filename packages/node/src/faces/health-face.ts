import type { HttpServerResponse } from "@shoal/runtime";
import type { Face } from "./face.ts";

/**
 * Says that the daemon lives (`/healthz`) and can be used (`/readyz`), to whoever asks: service managers and load
 * balancers hold no keys. Before it is ready others answer, see `Reception`.
 */
export const healthFace: Face = {
  owns: (path) => path === "/healthz" || path === "/readyz",
  maxBodyBytes: () => 0,
  handle: ({ target }) => text(target.startsWith("/healthz") ? "ok\n" : "ready\n"),
};

function text(body: string): HttpServerResponse {
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    body: Buffer.from(body),
  };
}

import type { DaemonCore, DaemonPart } from "../daemon/daemon-core.ts";
import { createProviderFace } from "./provider-face.ts";
import { createSiteHandlers } from "./site-handlers.ts";
import { Sites } from "./sites.ts";

/** The wallet for web sites. */
export async function openSitesPart(core: DaemonCore): Promise<DaemonPart> {
  const sites = await Sites.open(core);
  return {
    handlers: createSiteHandlers(sites),
    faces: [createProviderFace(sites)],
    close: () => sites.close(),
  };
}

import type { Handlers } from "../rest/handlers.ts";
import type { SiteChoice } from "./site-book.ts";
import type { Sites } from "./sites.ts";

type SiteOperation =
  | "listSites"
  | "changeSite"
  | "disconnectSite"
  | "listSiteRequests"
  | "answerSiteRequest";

/** The user's side of web sites: who is connected, and what they ask for. */
export function createSiteHandlers(sites: Sites): Pick<Handlers, SiteOperation> {
  return {
    listSites: async () => await sites.list(),
    async changeSite({ id, wallet, account, network }) {
      const change: Partial<SiteChoice> = {
        ...(wallet !== undefined && { wallet }),
        ...(account !== undefined && { account }),
        ...(network !== undefined && { network }),
      };
      return await sites.change(id, change);
    },
    async disconnectSite({ id }) {
      await sites.disconnect(id);
      return {};
    },
    listSiteRequests: () => ({ requests: sites.waiting.list() }),
    async answerSiteRequest(reply) {
      await sites.waiting.answer(reply);
      return {};
    },
  };
}

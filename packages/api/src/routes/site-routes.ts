import { z } from "zod";
import { nothing, shortText } from "../schemas/primitives.ts";
import { site, siteRequest } from "../schemas/sites.ts";
import type { RouteShape } from "./route.ts";

const byId = z.object({ id: z.string().max(100) });
const choice = {
  wallet: shortText.optional(),
  account: z.int().min(0).optional(),
  network: z.string().max(50).optional(),
};

export const SITE_ROUTES = {
  listSites: {
    summary: "Web sites that are connected to the wallet",
    answer: z.object({ sites: z.array(site) }),
  },
  changeSite: {
    summary: "Show a site another account or network",
    path: byId,
    body: z.object(choice),
    answer: site,
  },
  disconnectSite: { summary: "Cut a site off, at once", path: byId, answer: nothing },
  listSiteRequests: {
    summary: "What sites ask the user for, oldest first",
    answer: z.object({ requests: z.array(siteRequest) }),
  },
  answerSiteRequest: {
    summary: "Allow what a site asks for, as it was shown, or refuse it",
    path: byId,
    body: z.object({
      isAllowed: z.boolean(),
      ...choice,
      password: z
        .string()
        .max(1000)
        .optional()
        .meta({ description: "Unlocks the wallet for this alone" }),
    }),
    answer: nothing,
  },
} as const satisfies Record<string, RouteShape>;

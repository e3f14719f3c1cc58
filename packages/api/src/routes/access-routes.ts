import { z } from "zod";
import { apiKey, password, scope, session } from "../schemas/access.ts";
import { nothing, shortText } from "../schemas/primitives.ts";
import type { RouteShape } from "./route.ts";

export const ACCESS_ROUTES = {
  getSession: { summary: "Who is asking, and what that allows", answer: session },
  signIn: {
    summary: "Sign in with the password; the answer sets a cookie",
    body: z.object({ password: z.string().max(1000) }),
    answer: session,
  },
  signOut: { summary: "End the browser's session", answer: nothing },
  setPassword: {
    summary: "Set the first password, or change it",
    body: z.object({ current: z.string().max(1000).optional(), password }),
    answer: session,
  },
  listKeys: {
    summary: "API keys, without their secrets",
    answer: z.object({ keys: z.array(apiKey) }),
  },
  createKey: {
    summary: "Make an API key; its secret is shown this once",
    body: z.object({ name: shortText, scopes: z.array(scope).min(1) }),
    answer: apiKey.extend({ secret: z.string() }),
  },
  revokeKey: { summary: "End an API key", path: z.object({ id: z.string() }), answer: nothing },
} as const satisfies Record<string, RouteShape>;

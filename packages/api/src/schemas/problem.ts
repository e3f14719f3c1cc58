import { z } from "zod";

/** The body of every answer that is an error. `code` is for programs, `message` for people: what is wrong, what to do. */
export const problem = z.object({
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export type Problem = z.output<typeof problem>;

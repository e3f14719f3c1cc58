import { z } from "zod";
import { PROBLEM_REASONS } from "../problem-reasons.ts";

/** The body of every answer that is an error. `code` is for programs, `message` for people: what is wrong, what to do. */
export const problem = z.object({
  code: z.string(),
  message: z.string(),
  reason: z
    .enum(PROBLEM_REASONS)
    .optional()
    .meta({ description: "Finer than the code, where that says little" }),
  values: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .optional()
    .meta({ description: "Figures and names in the message, by name" }),
  details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export type Problem = z.output<typeof problem>;

import type { Answer } from "@shoal/api/client";

/** What is bought and sold, as the daemon tells it. */
export type Trading = Answer<"getTrading">;

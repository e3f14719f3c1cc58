import type { SqlStatement, StoreSchema } from "../ports/store.ts";

/** What the store's worker gets at its start. */
export interface StoreWorkerData {
  /** Null for a database in memory. */
  readonly path: string | null;
}

export type StoreJob =
  | { readonly kind: "open"; readonly schema: StoreSchema }
  | { readonly kind: "select"; readonly statement: SqlStatement }
  | {
      readonly kind: "commit";
      readonly statements: readonly SqlStatement[];
      readonly durability: "full" | "normal";
    }
  | { readonly kind: "close" };

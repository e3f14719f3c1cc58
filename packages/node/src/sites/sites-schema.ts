import type { StoreSchema } from "@shoal/runtime";

/** Tokens are kept as hashes alone: who reads the database is no site by it. */
export const SITES_SCHEMA: StoreSchema = {
  name: "node_sites",
  migrations: [
    `CREATE TABLE node_sites (
       id TEXT PRIMARY KEY,
       origin TEXT NOT NULL UNIQUE,
       wallet TEXT NOT NULL,
       account INTEGER NOT NULL,
       network TEXT NOT NULL,
       created_ms INTEGER NOT NULL,
       used_ms INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE node_site_tokens (
       hash BLOB PRIMARY KEY,
       site TEXT NOT NULL REFERENCES node_sites (id) ON DELETE CASCADE,
       created_ms INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;`,
  ],
};

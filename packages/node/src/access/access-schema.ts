import type { StoreSchema } from "@shoal/runtime";

/** Secrets are kept as hashes alone: who reads the database cannot sign in with it. */
export const ACCESS_SCHEMA: StoreSchema = {
  name: "node_access",
  migrations: [
    `CREATE TABLE node_access_password (
       id INTEGER PRIMARY KEY CHECK (id = 1),
       hash TEXT NOT NULL
     ) STRICT;
     CREATE TABLE node_access_sessions (
       hash BLOB PRIMARY KEY,
       created_ms INTEGER NOT NULL,
       used_ms INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE node_access_keys (
       id TEXT PRIMARY KEY,
       hash BLOB NOT NULL UNIQUE,
       name TEXT NOT NULL,
       scopes TEXT NOT NULL,
       created_ms INTEGER NOT NULL,
       used_ms INTEGER
     ) STRICT, WITHOUT ROWID;`,
  ],
};

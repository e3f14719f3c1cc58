import type { StoreSchema } from "@shoal/runtime";

/** Amounts are decimal text: SQLite's integers end at 64 bits. */
export const SPEED_SCHEMA: StoreSchema = {
  name: "speed",
  migrations: [
    `CREATE TABLE speed_claims (
       channel TEXT PRIMARY KEY,
       network TEXT NOT NULL,
       payer TEXT NOT NULL,
       payee TEXT NOT NULL,
       signer TEXT NOT NULL,
       challenge_seconds INTEGER NOT NULL,
       salt TEXT NOT NULL,
       total TEXT NOT NULL,
       r BLOB,
       vs BLOB,
       redeemed TEXT NOT NULL,
       debt TEXT NOT NULL,
       forgiven TEXT NOT NULL
     ) WITHOUT ROWID;
     CREATE INDEX speed_claims_by_network ON speed_claims (network);
     CREATE TABLE speed_receipts (
       channel TEXT NOT NULL,
       torrent TEXT NOT NULL,
       size TEXT NOT NULL,
       total TEXT NOT NULL,
       r BLOB NOT NULL,
       vs BLOB NOT NULL,
       PRIMARY KEY (channel, torrent)
     ) WITHOUT ROWID;
     CREATE TABLE speed_channels (
       channel TEXT PRIMARY KEY,
       network TEXT NOT NULL,
       payer TEXT NOT NULL,
       payee TEXT NOT NULL,
       signer TEXT NOT NULL,
       challenge_seconds INTEGER NOT NULL,
       salt TEXT NOT NULL,
       capacity TEXT NOT NULL,
       signed TEXT NOT NULL,
       state TEXT NOT NULL
     ) WITHOUT ROWID;
     CREATE INDEX speed_channels_by_network ON speed_channels (network, payee);`,
    `ALTER TABLE speed_receipts ADD COLUMN attributed TEXT NOT NULL DEFAULT '0';`,
    "ALTER TABLE speed_claims ADD COLUMN is_ending INTEGER NOT NULL DEFAULT 0",
    `CREATE TABLE speed_said (
       channel TEXT NOT NULL,
       torrent TEXT NOT NULL,
       total TEXT NOT NULL,
       PRIMARY KEY (channel, torrent)
     ) WITHOUT ROWID;`,
    `CREATE TABLE speed_budgets (
       network TEXT NOT NULL,
       payer TEXT NOT NULL,
       budget TEXT NOT NULL,
       signed_before TEXT NOT NULL,
       PRIMARY KEY (network, payer)
     ) WITHOUT ROWID;`,
  ],
};

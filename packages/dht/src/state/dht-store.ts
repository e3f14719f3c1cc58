import { NODE_ID_LENGTH_BYTES } from "@shoal/protocol";
import type { SqlStatement, Store, StoreSchema } from "@shoal/runtime";
import type { NodeInfo } from "../routing/contact.ts";
import type { DhtNodeState, DhtState } from "./dht-state.ts";

const SCHEMA: StoreSchema = {
  name: "dht",
  migrations: [
    `CREATE TABLE dht_identities (
       place INTEGER PRIMARY KEY,
       family INTEGER NOT NULL,
       id BLOB NOT NULL,
       external_address TEXT
     ) STRICT;
     CREATE TABLE dht_nodes (
       place INTEGER NOT NULL,
       position INTEGER NOT NULL,
       id BLOB NOT NULL,
       address TEXT NOT NULL,
       port INTEGER NOT NULL,
       PRIMARY KEY (place, position)
     ) STRICT`,
  ],
};

/** Where the state of a DHT outlives the program. */
export interface DhtStore {
  /** What was saved last; empty at first. */
  load(): Promise<DhtState>;
  save(state: DhtState): Promise<void>;
}

/**
 * Opens the tables `dht_identities` and `dht_nodes`.
 * @throws {StoreError} as `Store.open` does.
 */
export async function openDhtStore(store: Store): Promise<DhtStore> {
  const tables = await store.open(SCHEMA);
  return {
    async load() {
      const identities = await tables.select({
        sql: "SELECT * FROM dht_identities ORDER BY place",
      });
      const rows = await tables.select({ sql: "SELECT * FROM dht_nodes ORDER BY place, position" });
      return identities.flatMap(({ place, family, id, external_address: address }) => {
        if (!isId(id) || (family !== 4 && family !== 6)) return [];
        const nodes = rows.flatMap((row): NodeInfo[] => {
          const { id: nodeId, address: nodeAddress, port } = row;
          if (row["place"] !== place || !isId(nodeId)) return [];
          return [{ id: nodeId, address: String(nodeAddress), port: Number(port) }];
        });
        const externalAddress = typeof address === "string" ? address : null;
        return [{ family, id, externalAddress, nodes }];
      });
    },
    async save(state) {
      await tables.commit([
        { sql: "DELETE FROM dht_nodes" },
        { sql: "DELETE FROM dht_identities" },
        ...state.flatMap(insertNode),
      ]);
    },
  };
}

function insertNode(node: DhtNodeState, place: number): SqlStatement[] {
  return [
    {
      sql: "INSERT INTO dht_identities VALUES (?, ?, ?, ?)",
      parameters: [place, node.family, node.id, node.externalAddress],
    },
    ...node.nodes.map(({ id, address, port }, position) => ({
      sql: "INSERT INTO dht_nodes VALUES (?, ?, ?, ?, ?)",
      parameters: [place, position, id, address, port],
    })),
  ];
}

function isId(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === NODE_ID_LENGTH_BYTES;
}

/**
 * What a caller must be allowed to do. `public`: everybody whose Host is answered. `read`: see everything but money.
 * `torrents`: add, change and remove torrents. `wallet`: see and move money. `admin`: settings, keys, backups.
 */
export const SCOPES = ["read", "torrents", "wallet", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Where an operation is, below `/api/v1`. Parts in braces are parameters. */
export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: `/${string}`;
  readonly scope: Scope | "public";
}

/**
 * Every operation by its ID. Free of schemas, so that the browser's client carries none; `routes` has those, and a
 * test holds the two together.
 */
export const OPERATIONS = {
  getSession: { method: "GET", path: "/session", scope: "public" },
  signIn: { method: "POST", path: "/session", scope: "public" },
  signOut: { method: "DELETE", path: "/session", scope: "public" },
  setPassword: { method: "PUT", path: "/password", scope: "public" },
  listKeys: { method: "GET", path: "/keys", scope: "admin" },
  createKey: { method: "POST", path: "/keys", scope: "admin" },
  revokeKey: { method: "DELETE", path: "/keys/{id}", scope: "admin" },

  getNode: { method: "GET", path: "/node", scope: "read" },
  getSettings: { method: "GET", path: "/settings", scope: "read" },
  changeSettings: { method: "PATCH", path: "/settings", scope: "admin" },
  getLog: { method: "GET", path: "/log", scope: "read" },
  makeBackup: { method: "POST", path: "/backups", scope: "admin" },
  importTorrents: { method: "POST", path: "/imports", scope: "admin" },
  streamEvents: { method: "GET", path: "/events", scope: "read" },

  listTorrents: { method: "GET", path: "/torrents", scope: "read" },
  addTorrent: { method: "POST", path: "/torrents", scope: "torrents" },
  inspectSource: { method: "POST", path: "/torrents/inspect", scope: "torrents" },
  actOnTorrents: { method: "POST", path: "/torrents/actions", scope: "torrents" },
  getTorrent: { method: "GET", path: "/torrents/{infoHash}", scope: "read" },
  changeTorrent: { method: "PATCH", path: "/torrents/{infoHash}", scope: "torrents" },
  removeTorrent: { method: "DELETE", path: "/torrents/{infoHash}", scope: "torrents" },
  moveTorrent: { method: "POST", path: "/torrents/{infoHash}/move", scope: "torrents" },
  exportTorrent: { method: "GET", path: "/torrents/{infoHash}/torrent-file", scope: "read" },
  getPieces: { method: "GET", path: "/torrents/{infoHash}/pieces", scope: "read" },
  listFiles: { method: "GET", path: "/torrents/{infoHash}/files", scope: "read" },
  changeFiles: { method: "PATCH", path: "/torrents/{infoHash}/files", scope: "torrents" },
  renameFile: {
    method: "POST",
    path: "/torrents/{infoHash}/files/{index}/rename",
    scope: "torrents",
  },
  getContent: { method: "GET", path: "/torrents/{infoHash}/files/{index}/content", scope: "read" },
  listPeers: { method: "GET", path: "/torrents/{infoHash}/peers", scope: "read" },
  addPeers: { method: "POST", path: "/torrents/{infoHash}/peers", scope: "torrents" },
  listTrackers: { method: "GET", path: "/torrents/{infoHash}/trackers", scope: "read" },
  addTracker: { method: "POST", path: "/torrents/{infoHash}/trackers", scope: "torrents" },
  listWebSeeds: { method: "GET", path: "/torrents/{infoHash}/web-seeds", scope: "read" },
  addWebSeed: { method: "POST", path: "/torrents/{infoHash}/web-seeds", scope: "torrents" },
  removeWebSeed: { method: "DELETE", path: "/torrents/{infoHash}/web-seeds", scope: "torrents" },

  getTransfer: { method: "GET", path: "/transfer", scope: "read" },
  getSpeedHistory: { method: "GET", path: "/transfer/history", scope: "read" },
  listCategories: { method: "GET", path: "/categories", scope: "read" },
  setCategory: { method: "PUT", path: "/categories/{name}", scope: "torrents" },
  removeCategory: { method: "DELETE", path: "/categories/{name}", scope: "torrents" },
  listFeeds: { method: "GET", path: "/feeds", scope: "read" },
  addFeed: { method: "POST", path: "/feeds", scope: "torrents" },
  changeFeed: { method: "PATCH", path: "/feeds/{id}", scope: "torrents" },
  removeFeed: { method: "DELETE", path: "/feeds/{id}", scope: "torrents" },
  listFeedItems: { method: "GET", path: "/feeds/{id}/items", scope: "read" },

  listNetworks: { method: "GET", path: "/networks", scope: "read" },
  listWallets: { method: "GET", path: "/wallets", scope: "wallet" },
  createWallet: { method: "POST", path: "/wallets", scope: "wallet" },
  unlockWallet: { method: "POST", path: "/wallets/{name}/unlock", scope: "wallet" },
  lockWallet: { method: "POST", path: "/wallets/{name}/lock", scope: "wallet" },
  getBalances: { method: "GET", path: "/wallets/{name}/balances", scope: "wallet" },
  getWalletHistory: { method: "GET", path: "/wallets/{name}/history", scope: "wallet" },
  planSend: { method: "POST", path: "/wallets/{name}/sends/plan", scope: "wallet" },
  confirmSend: { method: "POST", path: "/wallets/{name}/sends", scope: "wallet" },
  askFaucet: { method: "POST", path: "/wallets/{name}/faucet", scope: "wallet" },
  listContacts: { method: "GET", path: "/wallets/{name}/contacts", scope: "wallet" },
  setContact: { method: "PUT", path: "/wallets/{name}/contacts/{address}", scope: "wallet" },
  removeContact: { method: "DELETE", path: "/wallets/{name}/contacts/{address}", scope: "wallet" },

  getNetworkForWallets: {
    method: "GET",
    path: "/networks/{network}/for-wallets",
    scope: "wallet",
  },
  getAddressBalances: {
    method: "GET",
    path: "/networks/{network}/addresses/{address}/balances",
    scope: "wallet",
  },
  getAddressHistory: {
    method: "GET",
    path: "/networks/{network}/addresses/{address}/history",
    scope: "wallet",
  },
  planOutsideSend: {
    method: "POST",
    path: "/networks/{network}/addresses/{address}/sends/plan",
    scope: "wallet",
  },
  askAddressFaucet: {
    method: "POST",
    path: "/networks/{network}/addresses/{address}/faucet",
    scope: "wallet",
  },
  getTransactionState: {
    method: "GET",
    path: "/networks/{network}/transactions/{id}",
    scope: "wallet",
  },
  listSites: { method: "GET", path: "/sites", scope: "wallet" },
  changeSite: { method: "PATCH", path: "/sites/{id}", scope: "wallet" },
  disconnectSite: { method: "DELETE", path: "/sites/{id}", scope: "wallet" },
  listSiteRequests: { method: "GET", path: "/site-requests", scope: "wallet" },
  answerSiteRequest: { method: "POST", path: "/site-requests/{id}", scope: "wallet" },

  getTrading: { method: "GET", path: "/trading", scope: "wallet" },
  changeTrading: { method: "PATCH", path: "/trading", scope: "wallet" },
  listClaims: { method: "GET", path: "/trading/claims", scope: "wallet" },
  redeemClaims: { method: "POST", path: "/trading/claims/redeem", scope: "wallet" },
  listChannels: { method: "GET", path: "/trading/channels", scope: "wallet" },
  closeChannel: { method: "POST", path: "/trading/channels/{id}/close", scope: "wallet" },
  getEarnings: { method: "GET", path: "/trading/earnings", scope: "wallet" },
  listRewards: { method: "GET", path: "/rewards", scope: "wallet" },
  claimRewards: { method: "POST", path: "/rewards/claim", scope: "wallet" },
  listBounties: { method: "GET", path: "/bounties", scope: "read" },
  createBounty: { method: "POST", path: "/bounties", scope: "wallet" },

  getSample: { method: "GET", path: "/sample", scope: "read" },
  startSample: { method: "POST", path: "/sample", scope: "wallet" },
  stopSample: { method: "DELETE", path: "/sample", scope: "wallet" },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

/** Where the operations are. */
export const API_PREFIX = "/api/v1";

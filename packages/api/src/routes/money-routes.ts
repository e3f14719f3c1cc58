import { z } from "zod";
import {
  address,
  dateMs,
  infoHash,
  nothing,
  shortText,
  transactionId,
  wei,
} from "../schemas/primitives.ts";
import {
  bounty,
  channel,
  claim,
  earnings,
  reward,
  sample,
  sent,
  trading,
  tradingChange,
} from "../schemas/trading.ts";
import {
  balance,
  contact,
  network,
  sendPlan,
  sendRequest,
  wallet,
  walletCreation,
  walletTransaction,
} from "../schemas/wallet.ts";
import type { RouteShape } from "./route.ts";

const walletPath = z.object({ name: shortText });
const onNetwork = z.object({
  network: z.string().max(50).default("embedded"),
  account: z.coerce.number().int().min(0).default(0),
});

export const MONEY_ROUTES = {
  listNetworks: {
    summary: "Chains that money may lie on",
    answer: z.object({ networks: z.array(network) }),
  },
  listWallets: { summary: "Wallets of this node", answer: z.object({ wallets: z.array(wallet) }) },
  createWallet: {
    summary: "Make a wallet, or restore one; its words are answered this once",
    body: walletCreation,
    answer: wallet.extend({ words: z.string().nullable() }),
  },
  unlockWallet: {
    summary: "Unlock a wallet for a while",
    path: walletPath,
    body: z.object({
      password: z.string().max(1000),
      minutes: z
        .int()
        .min(1)
        .max(7 * 24 * 60)
        .default(60),
    }),
    answer: wallet,
  },
  lockWallet: { summary: "Forget a wallet's keys", path: walletPath, answer: wallet },
  getBalances: {
    summary: "What an account has",
    path: walletPath,
    query: onNetwork,
    answer: z.object({ address, balances: z.array(balance) }),
  },
  getWalletHistory: {
    summary: "Transactions of an account, waiting ones first",
    path: walletPath,
    query: onNetwork.extend({ limit: z.coerce.number().int().min(1).max(500).default(50) }),
    answer: z.object({ transactions: z.array(walletTransaction) }),
  },
  planSend: {
    summary: "Find out what a payment would do, signing nothing",
    path: walletPath,
    body: sendRequest,
    answer: sendPlan,
  },
  confirmSend: {
    summary: "Sign and send a plan as it stands",
    path: walletPath,
    body: z.object({ planId: z.string().max(100), password: z.string().max(1000).optional() }),
    answer: walletTransaction,
  },
  askFaucet: {
    summary: "Play money of the embedded chain",
    path: walletPath,
    body: z.object({ account: z.int().min(0).default(0) }),
    answer: z.object({ coinWei: wei, bttWei: wei }),
  },
  listContacts: {
    summary: "Addresses with names",
    path: walletPath,
    answer: z.object({ contacts: z.array(contact) }),
  },
  setContact: {
    summary: "Name an address",
    path: walletPath.extend({ address }),
    body: z.object({ label: shortText, network: z.string().max(50) }),
    answer: contact,
  },
  removeContact: {
    summary: "Forget a name",
    path: walletPath.extend({ address }),
    answer: nothing,
  },

  getTrading: { summary: "Selling and buying of bandwidth, live", answer: trading },
  changeTrading: { summary: "Sell, buy, or stop", body: tradingChange, answer: trading },
  listClaims: {
    summary: "What payers owe, by channel",
    answer: z.object({ claims: z.array(claim) }),
  },
  redeemClaims: {
    summary: "Cash everything that is worth its fee",
    answer: sent.extend({ claims: z.int(), grossWei: wei }),
  },
  listChannels: {
    summary: "Channels that this node pays from",
    answer: z.object({ channels: z.array(channel) }),
  },
  closeChannel: {
    summary: "Begin to close a channel, or take back its rest",
    path: z.object({ id: z.string().max(100) }),
    answer: sent,
  },
  getEarnings: {
    summary: "Earned and spent over time, and by torrent",
    query: z.object({
      fromMs: z.coerce.number().min(0).optional(),
      toMs: z.coerce.number().min(0).optional(),
      points: z.coerce.number().int().min(1).max(1000).default(60),
    }),
    answer: earnings,
  },
  listRewards: {
    summary: "Rewards for seeding, by epoch",
    answer: z.object({ address: address.nullable(), rewards: z.array(reward) }),
  },
  claimRewards: { summary: "Claim all rewards that are ready", answer: sent },
  listBounties: {
    summary: "Bounties for seeding",
    answer: z.object({ bounties: z.array(bounty) }),
  },
  createBounty: {
    summary: "Pay seeders of a torrent by the day",
    body: z.object({
      infoHash,
      perDayWei: wei,
      perSeederWei: wei,
      maximumSeeders: z.int().min(1).max(200),
      days: z.int().min(1).max(3650),
      auditors: z.array(address).min(1).max(20),
      threshold: z.int().min(1),
    }),
    answer: sent.extend({
      id: z.string().nullable(),
      startsAtMs: dateMs,
      transactionId: transactionId.nullable(),
    }),
  },

  getSample: { summary: "The sample swarm of the guided start", answer: sample },
  startSample: {
    summary: "Start the sample swarm: play money on the embedded chain",
    answer: sample,
  },
  stopSample: { summary: "End the sample swarm", answer: sample },
} as const satisfies Record<string, RouteShape>;

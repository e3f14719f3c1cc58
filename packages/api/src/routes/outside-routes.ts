import { z } from "zod";
import {
  networkForWallets,
  outsideBalances,
  outsideHistory,
  outsidePlan,
  outsideSend,
  transactionState,
} from "../schemas/outside.ts";
import { address, transactionId, wei } from "../schemas/primitives.ts";
import type { RouteShape } from "./route.ts";

const networkPath = z.object({ network: z.string().max(50) });
const addressPath = networkPath.extend({ address });

/** Accounts whose keys this node does not have: those of a browser's wallet. */
export const OUTSIDE_ROUTES = {
  getNetworkForWallets: {
    summary: "What a browser's wallet has to know of a network",
    path: networkPath,
    answer: networkForWallets,
  },
  getAddressBalances: {
    summary: "What any address has",
    path: addressPath,
    answer: outsideBalances,
  },
  getAddressHistory: {
    summary: "Payments of any address, as far back as the network tells",
    path: addressPath,
    query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) }),
    answer: outsideHistory,
  },
  planOutsideSend: {
    summary: "Find out what a payment from any address would do; its own wallet has to sign it",
    path: addressPath,
    body: outsideSend,
    answer: outsidePlan,
  },
  askAddressFaucet: {
    summary: "Play money for any address",
    path: addressPath,
    answer: z.object({ coinWei: wei, bttWei: wei }),
  },
  getTransactionState: {
    summary: "What became of a transaction, whoever sent it",
    path: networkPath.extend({ id: transactionId }),
    answer: transactionState,
  },
} as const satisfies Record<string, RouteShape>;

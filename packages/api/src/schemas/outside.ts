import { z } from "zod";
import { address, transactionId, wei } from "./primitives.ts";
import { balance, sendPlan, walletTransaction } from "./wallet.ts";

/** A quantity as wallets of browsers take it: hex without leading zeros. */
const quantity = z
  .string()
  .regex(/^0x(?:0|[1-9a-f][0-9a-f]{0,63})$/)
  .meta({ description: "Quantity in hex, as JSON-RPC writes it" });

/** What a browser's wallet is told, so that it can find a network. */
export const networkForWallets = z.object({
  chain: z
    .object({
      chainId: quantity,
      chainName: z.string(),
      nativeCurrency: z.object({ name: z.string(), symbol: z.string(), decimals: z.int() }),
      rpcUrls: z.array(z.string()),
      blockExplorerUrls: z.array(z.string()),
    })
    .meta({
      description: "What wallet_addEthereumChain takes (EIP-3085); no URLs: not to be added",
    }),
  btt: z
    .object({ address, symbol: z.string(), decimals: z.int() })
    .nullable()
    .meta({ description: "What wallet_watchAsset takes (EIP-747); null where BTT is no token" }),
  canAskFaucet: z.boolean(),
});

export const outsideBalances = z.object({
  address,
  balances: z.array(balance),
});

export const outsideHistory = z.object({
  transactions: z.array(walletTransaction),
  sinceBlock: z
    .int()
    .meta({ description: "Nothing older was looked for; 0 where everything was looked through" }),
});

export const outsideSend = z.object({ asset: z.enum(["coin", "btt"]), to: address, wei });

/** What will happen, and what the wallet is to sign for it. */
export const outsidePlan = sendPlan.omit({ planId: true, expiresAtMs: true }).extend({
  transaction: z
    .object({
      from: address,
      to: address,
      value: quantity,
      data: z.string().regex(/^0x(?:[0-9a-f]{2})*$/),
      chainId: quantity,
    })
    .meta({ description: "Unsigned; what eth_sendTransaction takes" }),
});

export const transactionState = z.object({
  id: transactionId,
  state: z
    .enum(["unknown", "pending", "included", "final", "failed"])
    .meta({ description: "included: in a block that may still be undone" }),
  block: z.int().nullable(),
  url: z.string().nullable().meta({ description: "In the network's explorer" }),
});

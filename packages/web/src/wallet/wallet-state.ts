import { computed, signal } from "@preact/signals";
import type { Answer } from "@shoal/api/client";
import { trading } from "../state/live.ts";
import { node } from "../state/session.ts";

export type Wallet = Answer<"listWallets">["wallets"][number];
export type Network = Answer<"listNetworks">["networks"][number];
export type Balance = Answer<"getBalances">["balances"][number];
export type Transaction = Answer<"getWalletHistory">["transactions"][number];

/** The wallet that was picked: a name of this node's, or a UUID of the browser's. */
export const pickedWallet = signal<string | null>(null);

/** The network that was picked, where one was. */
export const pickedNetwork = signal<string | null>(null);

/** The network that money is shown of: the picked one, or the one that bandwidth is paid on. */
export const networkName = computed(
  () => pickedNetwork.value ?? trading.value?.network ?? node.value?.chain?.network ?? "embedded",
);

/** Whether the amounts of trading are worth nothing; unknown counts as that, so that nothing is called money too soon. */
export const isPlayMoney = computed(
  () => trading.value?.isPlayMoney ?? node.value?.chain?.isPlayMoney ?? true,
);

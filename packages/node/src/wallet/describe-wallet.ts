import {
  addressTextOf,
  type AccountRecord,
  balanceOf,
  EVM_COIN,
  isSameAsset,
  movesOf,
  type Network,
  TRON_COIN,
  type WalletFile,
} from "@shoal/chain";
import type { Answer } from "@shoal/api";
import type { PaidPlace } from "@shoal/speed";
import type { AddressView } from "./account-view.ts";
import { assetOn } from "./asset-on.ts";

type WalletAnswer = Answer<"lockWallet">;
type BalanceAnswer = Answer<"getBalances">["balances"][number];

export function describeNetwork({ info }: Network): Answer<"listNetworks">["networks"][number] {
  return {
    name: info.name,
    title: info.title,
    chainId: String(info.chainId),
    isPlayMoney: info.isPlayMoney,
    coinSymbol: info.coin.symbol,
    coinDecimals: info.coin.decimals,
    explorer: info.explorer?.address ?? null,
  };
}

export function describeWallet(file: WalletFile, isUnlocked: boolean): WalletAnswer {
  const { name, accounts } = file;
  return {
    name,
    isUnlocked,
    accounts: accounts.map((account, number) => ({
      number,
      label: account.label,
      addresses: addressesOf(account),
    })),
  };
}

/** By the kinds of networks: every EVM chain has the same. */
function addressesOf(account: AccountRecord): Record<string, string> {
  return { evm: addressTextOf(account, EVM_COIN), tron: addressTextOf(account, TRON_COIN) };
}

/** What an account has, what is on its way out, and what lies in payment channels. */
export async function readBalances(
  { network, sender, address }: AddressView,
  place: PaidPlace | null,
): Promise<BalanceAnswer[]> {
  const { coin, btt, name } = network.info;
  const waiting = await sender.list({ sender: address, state: "waiting" });
  const assets = [
    ...(btt !== null ? [{ kind: "btt", ...btt } as const] : []),
    ...(btt?.asset.kind === "coin" ? [] : [{ kind: "coin", ...coin } as const]),
  ];
  return await Promise.all(
    assets.map(async ({ kind, symbol, decimals }): Promise<BalanceAnswer> => {
      const asset = assetOn(network, kind);
      const pending = waiting
        .flatMap(({ signed }) => movesOf(signed.prepared.intent, address) ?? [])
        .filter((move) => move.from === address && isSameAsset(move.asset, asset))
        .reduce((sum, { amount }) => sum + amount, 0n);
      const inChannels = kind === "btt" && place !== null ? await depositOf(place, address) : 0n;
      return {
        network: name,
        asset: kind,
        symbol,
        decimals,
        wei: String(await balanceOf(network, asset, address)),
        pendingWei: String(pending),
        channelWei: String(inChannels),
      };
    }),
  );
}

/** The free deposit, and what is left in open channels. */
async function depositOf(place: PaidPlace, address: AddressView["address"]): Promise<bigint> {
  const open = place.channels
    .all()
    .filter(({ key, state }) => key.payer === address && (state === "open" || state === "closing"));
  const reserved = open.reduce((sum, { capacity, signed }) => sum + capacity - signed, 0n);
  return reserved + (await place.contract.freeOf(address));
}

import { signal, type Signal } from "@preact/signals";
import type { Answer } from "@shoal/api/client";
import { visibleText } from "../format/visible-text.ts";
import { words } from "../words/words.ts";
import type { BrowserWallet } from "./browser-wallets.ts";

export type ChainForWallets = Answer<"getNetworkForWallets">;
export type OutsidePlan = Answer<"planOutsideSend">;

/** What a browser's wallet lets this page see. */
export interface OutsideAccount {
  /** The one that it has picked comes first; none before it is connected. */
  readonly addresses: readonly string[];
  /** The chain that it is on, such as `0x1`; null before it has told. */
  readonly chainId: string | null;
}

const NOBODY: OutsideAccount = { addresses: [], chainId: null };
const accounts = new Map<string, Signal<OutsideAccount>>();

/** What is known of a wallet, and follows it. Nothing is asked of its user. */
export function accountOf({ uuid, provider }: BrowserWallet): Signal<OutsideAccount> {
  const known = accounts.get(uuid);
  if (known !== undefined) return known;
  const account = signal(NOBODY);
  accounts.set(uuid, account);
  const take = (part: Partial<OutsideAccount>): void => {
    account.value = { ...account.peek(), ...part };
  };
  provider.on?.("accountsChanged", (value) => take({ addresses: readAddresses(value) }));
  provider.on?.("chainChanged", (value) => take({ chainId: readChainId(value) }));
  provider.on?.("disconnect", () => take(NOBODY));
  void provider.request({ method: "eth_accounts" }).then(
    (value) => take({ addresses: readAddresses(value) }),
    () => {},
  );
  void provider.request({ method: "eth_chainId" }).then(
    (value) => take({ chainId: readChainId(value) }),
    () => {},
  );
  return account;
}

/** Asks the wallet's user to let this page see an account. @throws whatever the wallet says instead. */
export async function connect(wallet: BrowserWallet): Promise<string | null> {
  const { provider } = wallet;
  const account = accountOf(wallet);
  const addresses = readAddresses(await provider.request({ method: "eth_requestAccounts" }));
  const chainId = readChainId(await provider.request({ method: "eth_chainId" }));
  account.value = { addresses, chainId };
  return addresses[0] ?? null;
}

/** Gives the permission back, where the wallet knows how to (EIP-2255), and forgets the account here in any case. */
export async function disconnect(wallet: BrowserWallet): Promise<void> {
  try {
    await wallet.provider.request({
      method: "wallet_revokePermissions",
      params: [{ eth_accounts: {} }],
    });
  } catch {
    // Wallets without this have a list of connected sites of their own.
  }
  const account = accountOf(wallet);
  account.value = { ...account.peek(), addresses: [] };
}

/** Has the wallet go to a chain (EIP-3326), after adding it where it does not know it (EIP-3085). */
export async function goToChain(
  { provider }: BrowserWallet,
  { chain }: ChainForWallets,
): Promise<void> {
  const { chainId, rpcUrls, blockExplorerUrls } = chain;
  if (sameChain(await provider.request({ method: "eth_chainId" }), chainId)) return;
  try {
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId }] });
    return;
  } catch (error) {
    if (codeOf(error) !== UNKNOWN_CHAIN || rpcUrls.length === 0) throw error;
  }
  const { blockExplorerUrls: _, ...rest } = chain;
  // Some wallets refuse an empty list.
  const added = blockExplorerUrls.length === 0 ? rest : chain;
  await provider.request({ method: "wallet_addEthereumChain", params: [added] });
  // EIP-3085 leaves open whether a wallet goes to what it has added.
  if (sameChain(await provider.request({ method: "eth_chainId" }), chainId)) return;
  await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId }] });
}

/** Has the wallet sign and send what was planned. @returns the transaction's hash. */
export async function sendPlanned(
  wallet: BrowserWallet,
  network: ChainForWallets,
  { transaction }: OutsidePlan,
): Promise<string> {
  await goToChain(wallet, network);
  const hash = await wallet.provider.request({
    method: "eth_sendTransaction",
    params: [transaction],
  });
  if (typeof hash === "string" && /^0x[0-9a-f]{64}$/i.test(hash)) return hash.toLowerCase();
  throw new TypeError("The wallet answered no hash of a transaction.");
}

/** Asks the wallet to list BTT among its tokens (EIP-747). */
export async function showToken({ provider }: BrowserWallet, { btt }: ChainForWallets) {
  if (btt === null) return;
  await provider.request({
    method: "wallet_watchAsset",
    params: { type: "ERC20", options: btt },
  });
}

const USER_REJECTED = 4001;
const UNKNOWN_CHAIN = 4902;
const ALREADY_ASKED = -32002;

/** What a wallet said instead of an answer, in the page's words where they are known. */
export function describeWalletError(error: unknown, { name }: BrowserWallet): string {
  const say = words.peek();
  switch (codeOf(error)) {
    case USER_REJECTED:
      return say.outsideRejected(name);
    case ALREADY_ASKED:
      return say.outsideAlreadyAsked(name);
    case UNKNOWN_CHAIN:
      return say.outsideUnknownChain(name);
    default: {
      const { message } = (error ?? {}) as { readonly message?: unknown };
      const text = typeof message === "string" ? visibleText(message.slice(0, 300)) : "";
      return say.outsideFailed(name, text);
    }
  }
}

/** Wallets on phones wrap the code that matters. */
function codeOf(error: unknown): number | null {
  const { code, data } = (error ?? {}) as {
    readonly code?: unknown;
    readonly data?: { readonly originalError?: { readonly code?: unknown } } | null;
  };
  const inner = data?.originalError?.code;
  return typeof inner === "number" ? inner : typeof code === "number" ? code : null;
}

export function sameChain(a: unknown, b: string | null): boolean {
  return typeof a === "string" && b !== null && readChainId(a) === readChainId(b);
}

function readChainId(value: unknown): string | null {
  const isQuantity = typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value);
  return isQuantity ? `0x${BigInt(value).toString(16)}` : null;
}

function readAddresses(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (each): each is string => typeof each === "string" && /^0x[0-9a-f]{40}$/i.test(each),
  );
}

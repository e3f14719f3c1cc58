import type { EIP1193Provider } from "viem";

/** A wallet of the browser: MetaMask, Shoal, or any other that announces itself. */
export interface Wallet {
  readonly info: { readonly uuid: string; readonly name: string; readonly icon: string };
  readonly provider: EIP1193Provider;
}

/** Calls `onWallet` for every wallet that is there, and for those that come later. @see EIP-6963 */
export function findWallets(onWallet: (wallet: Wallet) => void): void {
  const known = new Set<string>();
  addEventListener("eip6963:announceProvider", (event) => {
    const wallet = (event as CustomEvent<Wallet>).detail;
    if (known.has(wallet.info.uuid)) return;
    known.add(wallet.info.uuid);
    onWallet(wallet);
  });
  dispatchEvent(new Event("eip6963:requestProvider"));
}

/**
 * Shoal is no extension: its wallet is in the node, which serves a script that announces it. Where no node runs, the
 * script does not load, and there is one wallet less.
 * @param node Such as `http://127.0.0.1:9550`.
 */
export function loadShoal(node: string): void {
  const script = document.createElement("script");
  script.src = new URL("/provider.js", node).href;
  document.head.append(script);
}

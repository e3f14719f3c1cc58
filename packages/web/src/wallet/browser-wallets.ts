import { signal } from "@preact/signals";
import { visibleText } from "../format/visible-text.ts";

/** What a browser's wallet offers to pages. @see EIP-1193 */
export interface WalletProvider {
  request(asked: { readonly method: string; readonly params?: unknown }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): unknown;
}

/** A wallet of this browser, as it has announced itself. Whatever it says of itself is its own word. */
export interface BrowserWallet {
  readonly uuid: string;
  readonly name: string;
  /** A picture within the address itself, so that showing it asks nobody for anything. */
  readonly icon: string | null;
  readonly provider: WalletProvider;
}

/** Every script in the page can announce wallets. */
const MOST_WALLETS = 16;
const MOST_NAME_LENGTH = 60;
/** As many letters as a picture of 96 by 96 points takes many times over. */
const MOST_ICON_LENGTH = 256 * 1024;

/** The wallets of this browser, in the order in which they came. */
export const browserWallets = signal<readonly BrowserWallet[]>([]);

/** Reads what was announced. @returns null where it is no wallet. */
export function readAnnouncement(detail: unknown): BrowserWallet | null {
  const { info, provider } = (detail ?? {}) as {
    readonly info?: Partial<Record<"uuid" | "name" | "icon", unknown>> | null;
    readonly provider?: Partial<WalletProvider> | null;
  };
  const { uuid, name, icon } = info ?? {};
  if (typeof uuid !== "string" || typeof name !== "string" || uuid === "") return null;
  if (typeof provider?.request !== "function") return null;
  const isPicture =
    typeof icon === "string" && icon.length <= MOST_ICON_LENGTH && /^data:image\//i.test(icon);
  const shown = visibleText(name.trim()).slice(0, MOST_NAME_LENGTH);
  return {
    uuid,
    name: shown === "" ? uuid.slice(0, 8) : shown,
    icon: isPicture ? icon : null,
    provider: provider as WalletProvider,
  };
}

/** Adds a wallet, or what it says anew. */
export function withWallet(
  known: readonly BrowserWallet[],
  wallet: BrowserWallet,
): readonly BrowserWallet[] {
  if (known.some(({ uuid }) => uuid === wallet.uuid)) {
    return known.map((each) => (each.uuid === wallet.uuid ? wallet : each));
  }
  return known.length < MOST_WALLETS ? [...known, wallet] : known;
}

/** Asks the browser for its wallets, and listens for those that come later. @see EIP-6963 */
export function findBrowserWallets(): void {
  addEventListener("eip6963:announceProvider", (event) => {
    const wallet = readAnnouncement((event as CustomEvent<unknown>).detail);
    if (wallet !== null) browserWallets.value = withWallet(browserWallets.peek(), wallet);
  });
  dispatchEvent(new Event("eip6963:requestProvider"));
}

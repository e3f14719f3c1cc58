/** What of a page the script uses, so that it needs no types of the DOM. */
interface PageGlobals {
  readonly keyWalletRequest: (asked: {
    readonly method: string;
    readonly params?: unknown;
  }) => Promise<{
    readonly result?: unknown;
    readonly error?: { readonly code: number; readonly message: string };
  }>;
  addEventListener(name: string, listener: (event: { readonly detail: unknown }) => void): void;
  dispatchEvent(event: object): void;
}

interface AskedFor {
  readonly method: string;
  readonly params?: unknown;
}

/**
 * The part of the tests' wallet that is in the page: it announces itself (EIP-6963), and passes on what it is asked
 * (EIP-1193). It is sent there as text, and can use nothing of this file.
 */
export function announceKeyWallet(name: string, icon: string): void {
  const page = globalThis as unknown as PageGlobals;
  const provider = {
    async request({ method, params }: AskedFor): Promise<unknown> {
      const { result, error } = await page.keyWalletRequest({ method, params });
      if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
      return result;
    },
    on(event: string, listener: (value: unknown) => void): void {
      page.addEventListener(`key-wallet ${event}`, ({ detail }) => listener(detail));
    },
    removeListener(): void {},
  };
  const info = { uuid: crypto.randomUUID(), name, icon, rdns: "example.key-wallet" };
  const announce = (): void => {
    const detail = Object.freeze({ info, provider });
    page.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  };
  page.addEventListener("eip6963:requestProvider", announce);
  announce();
}

import { EventFeed } from "./event-feed.ts";
import { KeptText, type Page } from "./page.ts";
import { ProviderRpcError } from "./provider-rpc-error.ts";

/** Where a daemon is unless it was told otherwise. */
const USUAL_URL = "http://127.0.0.1:9550/";

/** Methods that wait for the user, who answers in Shoal's page. */
const ASKING = new Set([
  "eth_requestAccounts",
  "eth_sendTransaction",
  "eth_signTypedData_v4",
  "personal_sign",
  "wallet_addEthereumChain",
  "wallet_requestPermissions",
  "wallet_switchEthereumChain",
]);

/**
 * What is answered within this needs nobody. Browsers let a page open a window for a second or more after a click, so that
 * one need not be opened before it is known to be needed.
 */
const WINDOW_AFTER_MS = 300;

export interface ProviderOptions {
  /** Where the daemon is; at 127.0.0.1:9550 when absent. */
  readonly url?: string;
  /** The window; the global object when absent. */
  readonly page?: Page;
}

export interface RequestArguments {
  readonly method: string;
  readonly params?: readonly unknown[] | object;
}

type Listener = (...values: never[]) => void;

/** A wallet for a page. @see EIP-1193 */
export interface ShoalProvider {
  readonly isShoal: true;
  /** @throws {ProviderRpcError} */
  request(call: RequestArguments): Promise<unknown>;
  /** `connect`, `disconnect`, `accountsChanged`, `chainChanged`. */
  on(event: string, listener: Listener): ShoalProvider;
  removeListener(event: string, listener: Listener): ShoalProvider;
  /** Whether the page is connected, and hears of what changes. */
  isConnected(): boolean;
  /** Ends the stream of events, for programs that end. */
  close(): void;
}

interface Answer {
  readonly result?: unknown;
  readonly token?: string;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** Makes the daemon's wallet a provider of EIP-1193, for a page of whatever site. */
export function createProvider(options: ProviderOptions = {}): ShoalProvider {
  const { url = USUAL_URL } = options;
  const page: Page = options.page ?? globalThis;
  const base = new URL(url).href;
  const token = new KeptText(page, `shoal ${base}`);
  const listeners = new Map<string, Set<Listener>>();
  let accounts = "[]";
  let chainId: string | null = null;
  let isConnected = false;

  const emit = (event: string, value: unknown): void => {
    for (const listener of listeners.get(event) ?? []) {
      try {
        (listener as (value: unknown) => void)(value);
      } catch (error) {
        // A page's own mistake: neither another listener nor the provider pays for it.
        console.error(error);
      }
    }
  };
  const setAccounts = (now: unknown): void => {
    const text = JSON.stringify(now);
    if (text === accounts) return;
    accounts = text;
    emit("accountsChanged", now);
  };
  const setDisconnected = (message: string): void => {
    if (!isConnected) return;
    isConnected = false;
    emit("disconnect", new ProviderRpcError(4900, message));
  };
  const forget = (message: string): void => {
    token.value = null;
    setAccounts([]);
    setDisconnected(message);
  };
  const headers = (): Record<string, string> => {
    const secret = token.value;
    return secret === null ? {} : { authorization: `Bearer ${secret}` };
  };

  const feed = new EventFeed({
    open: () =>
      token.value === null
        ? null
        : page.fetch(`${base}provider/events`, { headers: headers(), cache: "no-store" }),
    onEvent(name, data) {
      if (name === "chainChanged") {
        const isNew = chainId !== null && chainId !== data;
        chainId = String(data);
        if (!isConnected) {
          isConnected = true;
          emit("connect", { chainId });
        }
        if (isNew) emit("chainChanged", data);
      } else if (name === "accountsChanged") setAccounts(data);
      else if (name === "disconnect") {
        feed.stop();
        forget((data as { readonly message: string }).message);
      }
    },
    onBroken: () => setDisconnected("Shoal is not reached."),
    onRefused: () => forget("This site is not connected any more."),
  });

  /** A browser opens six connections to a server, whatever the number of tabs: those that nobody looks at listen to nothing. */
  const listen = (): void => {
    const isHidden = page.document?.visibilityState === "hidden";
    if (token.value !== null && !isHidden) feed.start();
    else feed.stop();
  };
  page.document?.addEventListener("visibilitychange", listen);
  token.watch(() => {
    if (token.value === null) forget("This site is not connected any more.");
    listen();
  });

  const openWindow = (): void => {
    const place = `${base}#/sites?window`;
    // By its name one that is there already is taken.
    const opened = page.open?.(place, "shoal", "popup,width=440,height=720") ?? null;
    if (opened === null) console.info(`Shoal waits for your answer at ${place}`);
    else opened.focus?.();
  };

  const ask = async ({ method, params = [] }: RequestArguments): Promise<Answer> => {
    try {
      const response = await page.fetch(`${base}provider/rpc`, {
        method: "POST",
        headers: { ...headers(), "content-type": "application/json" },
        body: JSON.stringify({ method, params }),
        cache: "no-store",
      });
      return (await response.json()) as Answer;
    } catch {
      const text = `Shoal does not answer at ${base}: it does not run there, or the browser does not let this page ask it.`;
      return { error: { code: 4900, message: text } };
    }
  };

  const provider: ShoalProvider = {
    isShoal: true,
    async request(call) {
      // From a page's own script, which nobody has checked.
      if (typeof (call as RequestArguments | undefined)?.method !== "string") {
        throw new ProviderRpcError(-32602, "Expected {method, params}.");
      }
      const mayWait = ASKING.has(call.method);
      const timer = mayWait ? setTimeout(openWindow, WINDOW_AFTER_MS) : undefined;
      const { result = null, token: given, error } = await ask(call);
      clearTimeout(timer);
      if (given !== undefined) {
        token.value = given;
        listen();
      }
      if (error !== undefined) throw new ProviderRpcError(error.code, error.message, error.data);
      if (call.method === "wallet_revokePermissions") {
        feed.stop();
        forget("This site has given its permission back.");
      }
      return result;
    },
    on(event, listener) {
      const known = listeners.get(event) ?? new Set();
      listeners.set(event, known.add(listener));
      return provider;
    },
    removeListener(event, listener) {
      listeners.get(event)?.delete(listener);
      return provider;
    },
    isConnected: () => isConnected,
    close: () => feed.stop(),
  };
  listen();
  return provider;
}

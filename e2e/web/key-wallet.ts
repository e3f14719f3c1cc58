import type { BrowserContext, Page } from "playwright-core";
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  isHex,
  type SignableMessage,
  type TypedDataDefinition,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { announceKeyWallet } from "./key-wallet-page.ts";

/** What a page asked the wallet for. */
export interface Asked {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A browser's wallet on a key of its own: what an extension is, without its windows. */
export interface KeyWallet {
  readonly name: string;
  readonly address: Hex;
  readonly privateKey: Hex;
  readonly asked: readonly Asked[];
  /** What its user says to whatever has to be confirmed. Yes when absent. */
  answer: (asked: Asked) => boolean;
  /** Its user goes to another account, or to none. */
  tellAccounts(page: Page, addresses: readonly string[]): Promise<void>;
}

interface AddedChain {
  readonly chainId: Hex;
  readonly rpcUrls: readonly string[];
}

/** A mark of its own: a fish of nobody's. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" rx="20" fill="#e2761b"/><path d="M20 48c16-20 36-20 46-4l14-10v28L66 52c-10 16-30 16-46-4z" fill="#fff"/></svg>`,
)}`;

const MAINNET: Hex = "0x1";

/**
 * Puts a wallet into every page of a browser: its script announces itself (EIP-6963) and passes on what it is asked
 * (EIP-1193), and the key, with what is signed by it, stays outside the pages, as with an extension. It knows no
 * chain but Ethereum until it is told of one (EIP-3085).
 */
export async function addKeyWallet(context: BrowserContext, name: string): Promise<KeyWallet> {
  const privateKey = generatePrivateKey();
  const account = privateKeyToAccount(privateKey);
  const chains = new Map<Hex, string>([[MAINNET, "http://127.0.0.1:9"]]);
  const connected = new Set<string>();
  const asked: Asked[] = [];
  let chainId = MAINNET;

  const client = () => {
    const url = chains.get(chainId)!;
    const chain = defineChain({
      id: Number(chainId),
      name,
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: [url] } },
    });
    return {
      wallet: createWalletClient({ account, chain, transport: http(url) }),
      node: createPublicClient({ chain, transport: http(url) }),
    };
  };
  const wallet: KeyWallet = {
    ...{ name, address: account.address, privateKey, asked },
    answer: () => true,
    tellAccounts: (page, addresses) => tell(page, "accountsChanged", addresses),
  };
  const confirm = (method: string, params: readonly unknown[]): void => {
    if (!wallet.answer({ method, params })) throw new Refusal(4001, "The user said no.");
  };

  async function answer(origin: string, page: Page, method: string, params: readonly unknown[]) {
    const [first] = params;
    switch (method) {
      case "eth_accounts":
        return connected.has(origin) ? [account.address] : [];
      case "eth_requestAccounts":
        if (!connected.has(origin)) confirm(method, params);
        connected.add(origin);
        return [account.address];
      case "wallet_revokePermissions":
        connected.delete(origin);
        return null;
      case "eth_chainId":
        return chainId;
      case "wallet_switchEthereumChain": {
        const wanted = (first as AddedChain).chainId;
        if (!chains.has(wanted)) throw new Refusal(4902, "Unrecognized chain ID.");
        confirm(method, params);
        chainId = wanted;
        await tell(page, "chainChanged", chainId);
        return null;
      }
      case "wallet_addEthereumChain": {
        const { chainId: wanted, rpcUrls } = first as AddedChain;
        const told = await createPublicClient({ transport: http(rpcUrls[0]) }).getChainId();
        if (told !== Number(wanted)) throw new Refusal(-32602, "The node is on another chain.");
        confirm(method, params);
        chains.set(wanted, rpcUrls[0]!);
        return null;
      }
      case "wallet_watchAsset":
        confirm(method, params);
        return true;
      case "eth_sendTransaction": {
        const { from, to, value, data, chainId: meant } = first as Record<string, Hex>;
        if (!connected.has(origin) || from !== account.address)
          throw new Refusal(4100, "Not connected.");
        if (meant !== undefined && meant !== chainId) throw new Refusal(-32602, "Another chain.");
        confirm(method, params);
        return await client().wallet.sendTransaction({
          to: to!,
          value: BigInt(value ?? "0x0"),
          ...(data !== undefined && { data }),
        });
      }
      case "personal_sign": {
        confirm(method, params);
        const message: SignableMessage = isHex(first) ? { raw: first } : String(first);
        return await account.signMessage({ message });
      }
      case "eth_signTypedData_v4":
        confirm(method, params);
        return await account.signTypedData(JSON.parse(String(params[1])) as TypedDataDefinition);
      default:
        // Questions about the chain go to its node, as with every wallet.
        return await client().node.request({ method, params } as never);
    }
  }

  await context.exposeBinding(
    "keyWalletRequest",
    async ({ page, frame }, { method, params = [] }: { method: string; params?: unknown }) => {
      const list = Array.isArray(params) ? params : [params];
      asked.push({ method, params: list });
      try {
        return { result: await answer(new URL(frame.url()).origin, page, method, list) };
      } catch (error) {
        const { code = -32603, message } = error as { code?: number; message: string };
        return { error: { code, message } };
      }
    },
  );
  const given = [name, ICON].map((each) => JSON.stringify(each)).join();
  await context.addInitScript({ content: `(${announceKeyWallet.toString()})(${given});` });
  return wallet;
}

class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

async function tell(page: Page, event: string, value: unknown): Promise<void> {
  const detail = JSON.stringify({ detail: value });
  await page.evaluate(`dispatchEvent(new CustomEvent("key-wallet ${event}", ${detail}))`);
}

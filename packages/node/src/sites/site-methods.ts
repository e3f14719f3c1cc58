import type { RpcError } from "@shoal/chain";
import { askToSend } from "./ask-to-send.ts";
import { askToSignMessage, askToSignTypedData } from "./ask-to-sign.ts";
import { askToAdd, askToSwitch } from "./ask-to-switch.ts";
import { providerError } from "./provider-error.ts";
import { asRecord, type ProviderCall, readRecord } from "./read-call.ts";
import { isRead, readChain } from "./read-methods.ts";
import type { Site } from "./site-book.ts";
import { accountsOf, chainIdText } from "./site-view.ts";
import type { Sites } from "./sites.ts";

/** A call of a page. */
export interface PageCall extends ProviderCall {
  readonly origin: string;
  /** Null for a stranger. */
  readonly site: Site | null;
  /** Aborted when the page does not wait any more. */
  readonly gone: AbortSignal;
}

export interface PageAnswer {
  readonly result: unknown;
  /** The site's secret, where it was connected by this call. */
  readonly token?: string;
}

type Method = (sites: Sites, call: PageCall) => Promise<PageAnswer>;

/** The same for whoever has not been let in: that there is a wallet, or on which chain, is nobody's business. */
const STRANGERS_CHAIN = 1;

/** Methods that wait for the user. */
const ASKING: Readonly<Record<string, Method>> = {
  async eth_requestAccounts(sites, { origin, site, gone }) {
    if (site !== null) {
      const accounts = await accountsOf(sites.money, site);
      if (accounts.length > 0) return { result: accounts };
    }
    const { site: connected, token } = await sites.connect(origin, site, gone);
    return { result: await accountsOf(sites.money, connected), token };
  },
  async wallet_requestPermissions(sites, { origin, site, gone, params }) {
    assertPermissions(params[0]);
    const { site: connected, token } = await sites.connect(origin, site, gone);
    return { result: await permissionsOf(sites, connected), token };
  },
};

type Ask = typeof askToSend | typeof askToSwitch;

/** The same, of sites that are connected. */
const ASKING_CONNECTED: Readonly<Record<string, Ask>> = {
  eth_sendTransaction: askToSend,
  personal_sign: askToSignMessage,
  eth_signTypedData_v4: askToSignTypedData,
  wallet_switchEthereumChain: askToSwitch,
  wallet_addEthereumChain: askToAdd,
};

/** Why some methods that sites may know are not there. */
const REFUSED: Readonly<Record<string, string>> = {
  eth_sign: "It signs what nobody can read, transactions among it: use personal_sign.",
  eth_signTransaction: "Transactions are sent by Shoal itself: use eth_sendTransaction.",
  eth_sendRawTransaction: "Transactions are signed by Shoal: use eth_sendTransaction.",
  eth_signTypedData: "It is of a draft: use eth_signTypedData_v4.",
  eth_signTypedData_v1: "It is of a draft: use eth_signTypedData_v4.",
  eth_signTypedData_v3: "It is of a draft: use eth_signTypedData_v4.",
};

/** Methods that are answered as they are. */
const PLAIN: Readonly<Record<string, Method>> = {
  async eth_accounts(sites, { site }) {
    return { result: site === null ? [] : await accountsOf(sites.money, site) };
  },
  async eth_chainId(sites, { site }) {
    if (site === null) return { result: `0x${STRANGERS_CHAIN.toString(16)}` };
    const { network } = await sites.money.networks.open(site.network);
    return { result: chainIdText(network.info) };
  },
  async net_version(sites, { site }) {
    if (site === null) return { result: String(STRANGERS_CHAIN) };
    const { network } = await sites.money.networks.open(site.network);
    return { result: String(network.info.chainId) };
  },
  async web3_clientVersion(sites, { site }) {
    return { result: site === null ? "Shoal" : `Shoal/v${sites.version}` };
  },
  async wallet_getPermissions(sites, { site }) {
    return { result: site === null ? [] : await permissionsOf(sites, site) };
  },
  async wallet_revokePermissions(sites, { site, params }) {
    assertPermissions(params[0]);
    if (site !== null) await sites.disconnect(site.id);
    return { result: null };
  },
};

/** Whether a call may have to wait for the user. */
export function isAsking(method: string): boolean {
  return Object.hasOwn(ASKING, method) || Object.hasOwn(ASKING_CONNECTED, method);
}

/** Answers a call of a page. @throws {RpcError} and whatever `toProviderError` reads. */
export async function callMethod(sites: Sites, call: PageCall): Promise<PageAnswer> {
  const { method, params, site, gone } = call;
  const open = ownOf(ASKING, method) ?? ownOf(PLAIN, method);
  if (open !== undefined) return await open(sites, call);
  const ask = ownOf(ASKING_CONNECTED, method);
  if (ask === undefined && !isRead(method)) throw unsupported(method);
  // A stranger learns no more than that: not even whether its request makes sense.
  if (site === null) {
    throw providerError(
      "unauthorized",
      "Ask for eth_requestAccounts first: this site is not connected.",
    );
  }
  const result = ask === undefined ? readChain(sites, site, call) : ask(sites, site, params, gone);
  return { result: await result };
}

function unsupported(method: string): RpcError {
  const why = ownOf(REFUSED, method) ?? "Shoal has no such method for web sites.";
  return providerError("unsupported", `${JSON.stringify(method)} is not supported. ${why}`);
}

function ownOf<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** There is one permission: to see the account, which asking for anything else follows from. */
function assertPermissions(value: unknown): void {
  const names = Object.keys(readRecord(value, "the permissions"));
  const unknown = names.find((name) => name !== "eth_accounts");
  if (names.length === 0 || unknown !== undefined) {
    throw providerError("badParams", "Expected the permission eth_accounts: there is no other.");
  }
  if (asRecord((value as Record<string, unknown>)["eth_accounts"]) === null) {
    throw providerError("badParams", "Expected eth_accounts to be an object.");
  }
}

/** @see EIP-2255 */
async function permissionsOf(sites: Sites, site: Site): Promise<unknown[]> {
  const value = await accountsOf(sites.money, site);
  return [
    {
      invoker: site.origin,
      parentCapability: "eth_accounts",
      caveats: [{ type: "filterResponse", value }],
    },
  ];
}

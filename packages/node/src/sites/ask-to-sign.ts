import {
  describePermits,
  planMessage,
  planTypedData,
  signPlanned,
  type SigningPlan,
} from "@shoal/chain";
import { type AccountView, knownAddresses } from "../wallet/account-view.ts";
import { withSigner } from "../wallet/with-signer.ts";
import { providerError } from "./provider-error.ts";
import { assertAccount } from "./read-transaction.ts";
import type { Site } from "./site-book.ts";
import { viewOf } from "./site-view.ts";
import type { Sites } from "./sites.ts";
import type { ShownRequest, SiteReply } from "./waiting-requests.ts";

/** People read a page; a sign-in has some lines. */
const MAX_MESSAGE_BYTES = 32 * 1024;

/** Has the user sign a message. @returns the signature. @see EIP-191 */
export async function askToSignMessage(
  sites: Sites,
  site: Site,
  params: readonly unknown[],
  gone: AbortSignal,
): Promise<string> {
  const view = await viewOf(sites.money, site);
  const { network, address } = view;
  const [message, account] = inOrder(params);
  assertAccount(account, address);
  const place = {
    ...{ origin: site.origin, address, chainId: network.info.chainId },
    nowMs: sites.money.clock.nowMs(),
  };
  const plan = planMessage(readMessage(message), network.info, place);
  return await ask(sites, site, view, "message", plan, gone);
}

/** Has the user sign structured data. @returns the signature. @see EIP-712, `eth_signTypedData_v4` */
export async function askToSignTypedData(
  sites: Sites,
  site: Site,
  [account, data]: readonly unknown[],
  gone: AbortSignal,
): Promise<string> {
  const view = await viewOf(sites.money, site);
  assertAccount(account, view.address);
  const text = typeof data === "string" ? data : JSON.stringify(data ?? null);
  const plan = planTypedData(text, view.network.info);
  return await ask(sites, site, view, "typed-data", plan, gone);
}

async function ask(
  sites: Sites,
  site: Site,
  view: AccountView,
  kind: "message" | "typed-data",
  plan: SigningPlan,
  gone: AbortSignal,
): Promise<string> {
  const { origin, id: siteId, wallet, account, network } = site;
  sites.waiting.assertRoom({ origin, siteId, kind });
  const permits = await sites.inTurn(site, async () => {
    return await describePermits(view.network, plan.permits, await knownAddresses(view));
  });
  const shown: ShownRequest = {
    ...{ kind, wallet, account, network, transaction: null },
    address: view.network.formatAddress(view.address),
    lines: [...permits.lines, ...plan.lines],
    warnings: [...permits.warnings, ...plan.warnings].map(({ code, message, isGrave }) => {
      return { code, text: message, isGrave };
    }),
  };
  const carryOut = async ({ password }: SiteReply): Promise<string> => {
    sites.book.get(siteId);
    return await withSigner(sites.money.wallets, view, password, (signer) =>
      signPlanned(plan, signer),
    );
  };
  return (await sites.waiting.ask({ origin, siteId, shown, carryOut }, gone)) as string;
}

/** Message and account; programs that take them the other way round are many. */
function inOrder([first, second]: readonly unknown[]): readonly unknown[] {
  const isAddress = (value: unknown) => typeof value === "string" && /^0x[\da-f]{40}$/i.test(value);
  return isAddress(first) && !isAddress(second) ? [second, first] : [first, second];
}

/** Bytes in hex; whatever else is a text as it stands. */
function readMessage(value: unknown): string | Uint8Array {
  if (typeof value !== "string") throw providerError("badParams", "Expected a message in hex.");
  const isHex = /^0x(?:[\da-f]{2})*$/i.test(value);
  const bytes = isHex ? Buffer.from(value.slice(2), "hex") : Buffer.from(value);
  if (bytes.length <= MAX_MESSAGE_BYTES) return isHex ? bytes : value;
  throw providerError("badParams", `Expected ${MAX_MESSAGE_BYTES} bytes at the most.`);
}

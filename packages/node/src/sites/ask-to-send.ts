import {
  ChainError,
  type Intent,
  planTransaction,
  type PlannedMove,
  type TransactionPlan,
} from "@shoal/chain";
import { NodeError } from "../errors.ts";
import { type AccountView, knownAddresses } from "../wallet/account-view.ts";
import { withSigner } from "../wallet/with-signer.ts";
import { readTransaction } from "./read-transaction.ts";
import type { Site } from "./site-book.ts";
import { viewOf } from "./site-view.ts";
import type { Sites } from "./sites.ts";
import type { ShownRequest, SiteReply } from "./waiting-requests.ts";

/** Of a call's data; who wants to read more looks at it elsewhere. */
const MAX_SHOWN_DATA_BYTES = 4096;

/**
 * Fees rise while people think: so much more than the most that it would cost now may be paid, and is shown as the most. In
 * percent.
 */
const FEE_ROOM = 150n;

/** Has the user send a site's transaction. @returns its hash. @throws {RpcError} and others. */
export async function askToSend(
  sites: Sites,
  site: Site,
  params: readonly unknown[],
  gone: AbortSignal,
): Promise<string> {
  const { money, waiting } = sites;
  const { origin, id: siteId } = site;
  waiting.assertRoom({ origin, siteId, kind: "transaction" });
  const view = await viewOf(money, site);
  const asked = readTransaction(params[0], view.address, view.network.info);
  const known = await knownAddresses(view);
  const make = async (): Promise<{ plan: TransactionPlan; shown: ShownRequest }> => {
    const plan = await planTransaction(view.network, {
      ...{ from: view.address, intent: asked.intent, known },
      ...(asked.gasLimit !== null && { gasLimit: asked.gasLimit }),
    });
    return { plan, shown: show(site, view, plan, known) };
  };
  let current = await sites.inTurn(site, make);
  const carryOut = async ({ password }: SiteReply, id: string): Promise<string> => {
    sites.book.get(siteId);
    const { plan } = current;
    try {
      const sent = await withSigner(money.wallets, view, password, (signer) =>
        view.sender.send(named(plan, origin), signer, {
          maxFee: mostOf(plan),
          key: `site ${id}`,
          ...(plan.gasLimit !== undefined && { gasLimit: plan.gasLimit }),
        }),
      );
      sites.log.info("a site's transaction was sent", { origin, transaction: sent.id });
      return view.network.formatTransactionId(sent.id);
    } catch (error) {
      if (!(error instanceof ChainError) || error.code !== "fee-too-high") throw error;
      current = await make();
      throw new NodeError("conflict", "The fee has risen meanwhile: look at it again.");
    }
  };
  const asking = {
    ...{ origin, siteId, carryOut },
    get shown() {
      return current.shown;
    },
  };
  return (await waiting.ask(asking, gone)) as string;
}

function mostOf({ prepared }: TransactionPlan): bigint {
  return (prepared.maxFee * FEE_ROOM) / 100n;
}

/** What the wallet's history says of it. */
function named({ intent, functionName }: TransactionPlan, origin: string): Intent {
  if (intent.kind !== "call") return intent;
  return { ...intent, summary: `${functionName ?? "call"} for ${origin}` };
}

function show(
  { wallet, account, network: networkName }: Site,
  { network, address }: AccountView,
  plan: TransactionPlan,
  known: Awaited<ReturnType<typeof knownAddresses>>,
): ShownRequest {
  const { intent, prepared, functionName, moves, lines, warnings } = plan;
  const { coin } = network.info;
  const to = intent.kind === "deploy" ? null : intent.to;
  const data =
    intent.kind === "transfer" ? "0x" : intent.kind === "call" ? intent.data : intent.code;
  const showMove = ({ denomination, amount, from, to: receiver }: PlannedMove) => ({
    symbol: denomination?.symbol ?? "",
    decimals: denomination?.decimals ?? 0,
    wei: String(amount),
    from: network.formatAddress(from),
    to: network.formatAddress(receiver),
  });
  return {
    kind: "transaction",
    ...{ wallet, account, network: networkName, address: network.formatAddress(address) },
    lines: [...lines],
    warnings: warnings.map(({ code, message, isGrave }) => ({ code, text: message, isGrave })),
    transaction: {
      to: to === null ? null : network.formatAddress(to),
      toName: known.find((each) => each.address === to)?.name ?? null,
      wei: String(intent.amount ?? 0n),
      ...{ symbol: coin.symbol, decimals: coin.decimals },
      feeWei: String(prepared.expectedFee),
      maxFeeWei: String(mostOf(plan)),
      ...{ feeSymbol: coin.symbol, feeDecimals: coin.decimals },
      function: functionName,
      moves: moves?.map(showMove) ?? null,
      data: data.slice(0, 2 + 2 * MAX_SHOWN_DATA_BYTES),
      dataBytes: data.length / 2 - 1,
    },
  };
}

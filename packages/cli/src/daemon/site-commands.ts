import { formatAmount } from "@shoal/chain";
import type { Answer, ApiClient } from "@shoal/api/client";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatTable } from "../output/format-table.ts";
import { toPlainText } from "../output/format.ts";
import { askConsent } from "../process/ask-consent.ts";
import { readSecret } from "../wallet/secrets.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { withDaemon } from "./with-daemon.ts";

/** What a site is to see; as it is, or as the daemon proposes, when absent. */
export interface SiteChoiceOptions extends DaemonOptions {
  readonly wallet?: string;
  readonly account?: number;
  readonly network?: string;
}

export interface AllowOptions extends SiteChoiceOptions {
  readonly passwordFile?: string;
  readonly yes?: boolean;
  readonly trust?: boolean;
}

type Site = Answer<"listSites">["sites"][number];
type SiteRequest = Answer<"listSiteRequests">["requests"][number];

/** Kinds of requests that are answered with a signature. */
const SIGNED: ReadonlySet<string> = new Set(["transaction", "message", "typed-data"]);

/** `shoal sites list`: the sites that are connected. */
export async function runSites(options: DaemonOptions, context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  return await withDaemon(
    context,
    options,
    async ({ client }) => {
      const { sites } = await client.call("listSites");
      const rows = sites.map(({ id, origin, wallet, account, network, lastUsedAtMs }) => [
        id,
        origin,
        `${toPlainText(wallet)}/${account}`,
        network,
        new Date(lastUsedAtMs).toISOString(),
      ]);
      const titles = ["ID", "SITE", "ACCOUNT", "NETWORK", "LAST USED"].map((title) => ({ title }));
      for (const line of formatTable(titles, rows)) output.data(line);
      if (rows.length === 0) output.note("no site is connected");
      output.result({ sites });
      return EXIT.ok;
    },
    { worksAlone: true },
  );
}

/** `shoal sites change`: another account or network. */
export async function runChangeSite(
  word: string,
  options: SiteChoiceOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(context, options, async ({ client }) => {
    const { id } = await findSite(client, word);
    const site = await client.call("changeSite", { id, ...choiceOf(options) });
    const { origin, wallet, account, network } = site;
    context.output.note(`${origin} sees ${toPlainText(wallet)}/${account} on ${network}`);
    context.output.result({ ...site });
    return EXIT.ok;
  });
}

/** `shoal sites disconnect`: cuts a site off, at once. */
export async function runDisconnectSite(
  word: string,
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(
    context,
    options,
    async ({ client }) => {
      const { id, origin } = await findSite(client, word);
      await client.call("disconnectSite", { id });
      context.output.note(`${origin} is disconnected`);
      context.output.result({ id, origin });
      return EXIT.ok;
    },
    { worksAlone: true },
  );
}

/** `shoal sites requests`: what sites ask for. */
export async function runSiteRequests(
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDaemon(context, options, async ({ client }) => {
    const { requests } = await client.call("listSiteRequests");
    for (const request of requests) for (const line of linesOf(request)) output.data(line);
    if (requests.length === 0) output.note("nothing is asked for");
    output.result({ requests });
    return EXIT.ok;
  });
}

/** `shoal sites allow`: shows a request, and does what it asks for once somebody says yes. */
export async function runAllowSite(
  word: string,
  options: AllowOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(context, options, async ({ client }) => {
    const request = await findRequest(client, word);
    const isGrave = request.warnings.some((each) => each.isGrave) && options.trust !== true;
    await askConsent(context, linesOf(request), {
      isGranted: options.yes === true || options.trust === true,
      word: isGrave ? "trust" : null,
    });
    const password = await passwordFor(client, request, options);
    await client.call("answerSiteRequest", {
      ...{ id: request.id, isAllowed: true, ...choiceOf(options) },
      ...(password !== undefined && { password }),
    });
    context.output.note("allowed, and done");
    context.output.result({ id: request.id, isAllowed: true });
    return EXIT.ok;
  });
}

/** `shoal sites deny`. */
export async function runDenySite(
  word: string,
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withDaemon(context, options, async ({ client }) => {
    const { id } = await findRequest(client, word);
    await client.call("answerSiteRequest", { id, isAllowed: false });
    context.output.note("refused");
    context.output.result({ id, isAllowed: false });
    return EXIT.ok;
  });
}

/** Asked for only where the wallet is locked, and something has to be signed. */
async function passwordFor(
  client: ApiClient,
  { kind, wallet }: SiteRequest,
  { passwordFile }: AllowOptions,
): Promise<string | undefined> {
  if (!SIGNED.has(kind)) return undefined;
  const { wallets } = await client.call("listWallets");
  const isUnlocked = wallets.some(({ name, isUnlocked: is }) => name === wallet && is);
  if (isUnlocked && passwordFile === undefined) return undefined;
  return await readSecret("the wallet's password", "--password-file", passwordFile);
}

async function findSite(client: ApiClient, word: string): Promise<Site> {
  const { sites } = await client.call("listSites");
  const origin = URL.parse(word)?.origin ?? word;
  return one(
    sites.filter((site) => site.origin === origin || site.id.startsWith(word)),
    word,
    "site that is connected",
  );
}

async function findRequest(client: ApiClient, word: string): Promise<SiteRequest> {
  const { requests } = await client.call("listSiteRequests");
  return one(
    requests.filter(({ id }) => id.startsWith(word)),
    word,
    "request that waits",
  );
}

function one<T>(found: readonly T[], word: string, what: string): T {
  const [first] = found;
  if (first === undefined) throw new CliError("not-found", `${word} names no ${what}`);
  if (found.length > 1) throw new CliError("usage", `${word} names more than one ${what}`);
  return first;
}

function choiceOf({ wallet, account, network }: SiteChoiceOptions) {
  return {
    ...(wallet !== undefined && { wallet }),
    ...(account !== undefined && { account }),
    ...(network !== undefined && { network }),
  };
}

const ASKS = {
  connect: "asks to see an account",
  transaction: "asks to send a transaction",
  message: "asks to sign a message",
  "typed-data": "asks to sign structured data",
  "switch-network": "asks for another network",
} as const satisfies Record<SiteRequest["kind"], string>;

function linesOf(request: SiteRequest): string[] {
  const { id, origin, kind, wallet, account, network, lines, warnings, transaction } = request;
  const who = wallet === null ? "no wallet yet" : `${toPlainText(wallet)}/${account}`;
  return [
    `${id}  ${origin} ${ASKS[kind]}`,
    `  ${who} on ${network}`,
    ...lines.map(({ label, value }) => `  ${label}: ${toPlainText(value)}`),
    ...(transaction === null ? [] : moneyOf(transaction)),
    ...warnings.map(({ isGrave, text }) => `  ${isGrave ? "!!" : "!"} ${toPlainText(text)}`),
  ];
}

function moneyOf(transaction: NonNullable<SiteRequest["transaction"]>): string[] {
  const { wei, decimals, symbol, feeWei, maxFeeWei, feeDecimals, feeSymbol } = transaction;
  const fee = (amount: string) => formatAmount(BigInt(amount), feeDecimals);
  return [
    `  sends: ${formatAmount(BigInt(wei), decimals)} ${symbol}`,
    `  fee: about ${fee(feeWei)} ${feeSymbol}, ${fee(maxFeeWei)} at the most`,
    ...(transaction.dataBytes === 0 ? [] : [`  data: ${transaction.dataBytes} bytes`]),
  ];
}

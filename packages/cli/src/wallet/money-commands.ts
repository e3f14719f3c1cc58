import {
  type Address,
  balanceOf,
  ChainError,
  denominationOf,
  formatAmount,
  type HistoryEntry,
  type Network,
  type Outgoing,
  parseAmount,
  planSend,
  readHistory,
  UnlockedWallet,
  type Urgency,
} from "@shoal/chain";
import type { CommandContext } from "../commands/context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { askConsent } from "../process/ask-consent.ts";
import {
  assetOf,
  knownAddresses,
  type OpenedAccount,
  type WalletOptions,
  withAccount,
} from "./open-wallet.ts";
import { readSecret } from "./secrets.ts";

export interface TokenOptions extends WalletOptions {
  readonly token?: string;
}

export interface SendFlags extends TokenOptions {
  readonly yes?: boolean;
  readonly trust?: boolean;
  readonly dryRun?: boolean;
  readonly urgency?: Urgency;
  readonly maxFee?: string;
  readonly key?: string;
  readonly wait: "none" | "included" | "final";
}

/** `shoal wallet balance`. */
export async function runBalance(
  options: TokenOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, options, async ({ network, address, sender }) => {
    const { info } = network;
    const coin = await network.coinBalance(address);
    const btt = info.btt === null ? null : await balanceOf(network, info.btt.asset, address);
    const waiting = await sender.list({ sender: address, state: "waiting" });
    const { output } = context;
    const result = {
      address: network.formatAddress(address),
      network: info.name,
      btt: btt === null ? null : formatAmount(btt, info.btt?.decimals ?? 18),
      coin: { symbol: info.coin.symbol, amount: formatAmount(coin, info.coin.decimals) },
      isPlayMoney: info.isPlayMoney,
      waiting: waiting.length,
      ...(options.token !== undefined && {
        token: await describeToken(network, options.token, address),
      }),
    };
    output.data(result.address);
    const which = info.btt?.meaning === "live" ? " (BitTorrent's live token)" : "";
    if (result.btt !== null) output.data(`${result.btt} BTT${which}`);
    if (info.btt?.asset.kind !== "coin") output.data(`${result.coin.amount} ${result.coin.symbol}`);
    if (result.token !== undefined) output.data(`${result.token.amount} ${result.token.symbol}`);
    if (info.isPlayMoney) output.note(`on ${info.title}: it is play money, worth nothing`);
    if (waiting.length > 0) output.note(`${waiting.length} transactions are on their way`);
    output.result(result);
    return EXIT.ok;
  });
}

async function describeToken(network: Network, token: string, owner: Address) {
  const asset = assetOf(network, token);
  const { symbol, decimals } = await denominationOf(network, asset);
  return { symbol, amount: formatAmount(await balanceOf(network, asset, owner), decimals) };
}

/** `shoal wallet send`. */
export async function runSend(
  to: string,
  amountText: string,
  options: SendFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, options, async (opened) => {
    const { network, address, file, account, sender } = opened;
    const asset = assetOf(network, options.token);
    const { decimals } = await denominationOf(network, asset);
    const { urgency, key } = options;
    const maxFee =
      options.maxFee === undefined
        ? undefined
        : parseAmount(options.maxFee, network.info.coin.decimals);
    const fees = {
      ...(urgency !== undefined && { urgency }),
      ...(maxFee !== undefined && { maxFee }),
    };
    const plan = await planSend(network, {
      ...fees,
      from: address,
      to: recipientOf(opened, to),
      asset,
      amount: parseAmount(amountText, decimals),
      known: await knownAddresses(opened),
    });
    const { output } = context;
    for (const { message } of plan.warnings) output.warn(`warning: ${message}`);
    const isGrave = plan.warnings.some((warning) => warning.isGrave) && options.trust !== true;
    if (options.dryRun === true) {
      for (const line of plan.description) output.data(line);
      const warnings = plan.warnings.map(({ code }) => code);
      output.result({ plan: plan.description, warnings, isSent: false });
      return EXIT.ok;
    }
    await askConsent(context, plan.description, {
      isGranted: options.yes === true,
      word: isGrave ? "trust" : null,
    });
    const password = await readSecret("the password", "--password-file", options.passwordFile);
    const unlocked = await UnlockedWallet.unlock(file, password);
    let sent: Outgoing;
    try {
      const signer = await unlocked.signer(account, network.info.slip44);
      sent = await sender.send(plan.intent, signer, { ...fees, ...(key !== undefined && { key }) });
    } finally {
      unlocked.lock();
    }
    return await reportSent(opened, sent, options.wait, context);
  });
}

/** `shoal wallet speed-up` and `shoal wallet cancel`. */
export async function runReplace(
  what: "speedUp" | "cancel",
  id: string,
  options: SendFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, options, async (opened) => {
    const { file, account, network, sender } = opened;
    const password = await readSecret("the password", "--password-file", options.passwordFile);
    const unlocked = await UnlockedWallet.unlock(file, password);
    try {
      const signer = await unlocked.signer(account, network.info.slip44);
      const found = (await sender.list()).find((each) => each.id === id || each.id === `0x${id}`);
      if (found === undefined) throw new ChainError("not-found", `${id} was not sent from here.`);
      const urgency = options.urgency ?? "fast";
      const sent = await sender[what](found.id, signer, { urgency });
      return await reportSent(opened, sent, options.wait, context);
    } finally {
      unlocked.lock();
    }
  });
}

/** `shoal wallet history`. */
export async function runHistory(
  options: TokenOptions & { readonly fromBlock: number; readonly count: number },
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, options, async ({ network, address, sender }) => {
    const asset = assetOf(network, options.token);
    const { decimals, symbol } = await denominationOf(network, asset);
    const outgoing = await sender.list({ sender: address });
    const { fromBlock } = options;
    const all = await readHistory(network, { owner: address, asset, outgoing, fromBlock });
    const shown = all.slice(0, options.count);
    const { output } = context;
    for (const entry of shown) output.data(lineOf(network, entry, decimals, symbol));
    if (shown.length === 0) output.note("nothing yet");
    if (shown.length < all.length)
      output.note(`${all.length - shown.length} older ones: --count shows more`);
    output.result({
      address: network.formatAddress(address),
      network: network.info.name,
      symbol,
      entries: shown.map((entry) => ({
        direction: entry.direction,
        amount: formatAmount(entry.amount, decimals),
        with: network.formatAddress(entry.with),
        transaction: network.formatTransactionId(entry.transactionId),
        state: entry.state,
        block: entry.blockNumber,
        time: new Date(entry.timeMs).toISOString(),
      })),
    });
    return EXIT.ok;
  });
}

/** `shoal wallet faucet`. */
export async function runFaucet(
  options: WalletOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withAccount(context, options, async ({ network, address }) => {
    const transactions = await network.requestFaucet(address);
    const { btt, coin } = network.info;
    const held = btt === null ? null : await balanceOf(network, btt.asset, address);
    const balance = held === null ? null : formatAmount(held, btt?.decimals ?? 18);
    const coins = formatAmount(await network.coinBalance(address), coin.decimals);
    const { output } = context;
    output.data(
      `${network.formatAddress(address)} has ${balance ?? 0} BTT and ${coins} ${coin.symbol} now`,
    );
    output.note("it is play money, worth nothing");
    output.result({
      address: network.formatAddress(address),
      network: network.info.name,
      btt: balance,
      coin: { symbol: coin.symbol, amount: coins },
      transactions,
    });
    return EXIT.ok;
  });
}

async function reportSent(
  { network, sender }: OpenedAccount,
  sent: Outgoing,
  wait: SendFlags["wait"],
  { output, signal }: CommandContext,
): Promise<ExitCode> {
  const id = network.formatTransactionId(sent.id);
  const link = network.info.explorer?.transaction.replace("{}", id);
  output.note(`sent: ${id}${link === undefined ? "" : `, ${link}`}`);
  if (sent.trouble !== null) output.warn(`warning: ${sent.trouble}`);
  const status = wait === "none" ? null : await sender.waitFor(sent.id, { until: wait, signal });
  const [now = sent] = await sender.list({ id: sent.id });
  const isFailed = status !== null && !status.receipt.isSuccess;
  const isLost = wait !== "none" && status === null;
  const { coin } = network.info;
  output.data(id);
  output.result({
    transaction: id,
    network: network.info.name,
    state: isFailed
      ? "failed"
      : status === null
        ? now.state
        : status.isFinal
          ? "final"
          : "included",
    block: status?.receipt.block.number ?? null,
    fee: status === null ? null : formatAmount(status.receipt.fee, coin.decimals),
  });
  if (isFailed)
    throw new ChainError("reverted", `${id} was undone by the contract; its fee is paid.`);
  if (isLost)
    throw new ChainError("refused", `${id} will never be in a block: it is ${now.state}.`);
  return EXIT.ok;
}

/** A contact's name, or an address. */
function recipientOf({ file, network }: OpenedAccount, text: string) {
  const named = file.contacts.find(
    ({ name, network: on }) => name === text && (on === null || on === network.info.name),
  );
  return named?.address ?? network.parseAddress(text);
}

function lineOf(network: Network, entry: HistoryEntry, decimals: number, symbol: string): string {
  const sign = { in: "+", out: "-", self: " " }[entry.direction];
  const time = new Date(entry.timeMs).toISOString().replace("T", " ").slice(0, 19);
  const preposition = entry.direction === "in" ? "from" : "to";
  const amount = `${sign}${formatAmount(entry.amount, decimals)} ${symbol}`;
  const whom = network.formatAddress(entry.with);
  return `${time}  ${amount}  ${preposition} ${whom}  ${entry.state}  ${network.formatTransactionId(entry.transactionId)}`;
}

import { type Address, ChainError, formatAmount, type Intent, UnlockedWallet } from "@shoal/chain";
import { channelsOf, claimsOf, type PaidPlace, Redeemer, sumsOf } from "@shoal/speed";
import type { CommandContext } from "../commands/context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { type OpenedAccount, type WalletOptions, withAccount } from "../wallet/open-wallet.ts";
import { readSecret } from "../wallet/secrets.ts";
import { openSpeed } from "./open-speed.ts";
import type { TradeFlags } from "./trade-options.ts";

const btt = (wei: bigint): string => `${formatAmount(wei, 18)} BTT`;

interface Scene {
  readonly opened: OpenedAccount;
  readonly speed: PaidPlace;
}

async function withSpeed(
  flags: TradeFlags,
  context: CommandContext,
  use: (scene: Scene) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { wallet: name = "main", account = 0, network = "embedded" } = flags;
  const options: WalletOptions = { ...flags, name, account, network };
  return await withAccount(context, options, async (opened) => {
    return await use({ opened, speed: await openSpeed(opened) });
  });
}

/** `shoal speed status`. */
export async function runSpeedStatus(
  flags: TradeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withSpeed(flags, context, async ({ opened, speed }) => {
    const sums = sumsOf(speed, opened.address);
    const free = await speed.contract.freeOf(opened.address);
    const { output } = context;
    output.data(
      `earned      ${btt(sums.earnedWei)}, of which ${btt(sums.unredeemedWei)} are not redeemed`,
    );
    output.data(`burned fees ${btt(sums.feeWei)}`);
    output.data(`paid        ${btt(sums.paidWei)}`);
    output.data(
      `deposit     ${btt(free)} free, ${btt(sums.reservedWei)} left in ${sums.openChannels} channels`,
    );
    if (sums.earnedWei === 0n)
      output.note("nothing earned yet: shoal seed ... --sell sells upload");
    if (speed.isPlayMoney) output.note("it is play money, worth nothing");
    output.result({
      network: opened.network.info.name,
      address: opened.network.formatAddress(opened.address),
      earnedWei: String(sums.earnedWei),
      paidWei: String(sums.paidWei),
      feeWei: String(sums.feeWei),
      unredeemedWei: String(sums.unredeemedWei),
      freeWei: String(free),
      reservedWei: String(sums.reservedWei),
      openChannels: sums.openChannels,
    });
    return EXIT.ok;
  });
}

/** `shoal speed channels`. */
export async function runSpeedChannels(
  flags: TradeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withSpeed(flags, context, async ({ opened, speed }) => {
    const { network } = opened;
    const show = (address: Address): string => network.formatAddress(address);
    const paying = channelsOf(speed, opened.address).map(
      ({ id, key, capacity, signed, state }) => ({
        channel: id,
        direction: "pays",
        with: show(key.payee),
        capacityWei: String(capacity),
        totalWei: String(signed),
        state,
      }),
    );
    const earning = claimsOf(speed, opened.address).map(
      ({ channel, key, total, redeemed, debt }) => ({
        channel,
        direction: "earns",
        with: show(key.payer),
        totalWei: String(total),
        redeemedWei: String(redeemed),
        debtWei: String(debt),
      }),
    );
    const { output } = context;
    for (const each of [...paying, ...earning]) {
      output.data(`${each.direction} ${each.with}  ${btt(BigInt(each.totalWei))}  ${each.channel}`);
    }
    if (paying.length + earning.length === 0) output.note("no channels yet");
    output.result({ paying, earning });
    return EXIT.ok;
  });
}

/** `shoal speed history`: the transactions about bandwidth that were sent from here. */
export async function runSpeedHistory(
  flags: TradeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withSpeed(flags, context, async ({ opened, speed }) => {
    const { sender, network, address } = opened;
    const all = await sender.list({ sender: address });
    const about = all.filter(({ signed }) => {
      const { intent } = signed.prepared;
      return intent.kind === "call" && intent.to === speed.contract.address;
    });
    const entries = about.map(({ id, state, createdMs, blockNumber, signed }) => {
      const { intent } = signed.prepared;
      return {
        transaction: network.formatTransactionId(id),
        what: (intent.kind === "call" ? intent.summary : undefined) ?? "call",
        state,
        time: new Date(createdMs).toISOString(),
        block: blockNumber,
      };
    });
    const { output } = context;
    for (const { time, what, state, transaction } of entries) {
      output.data(`${time}  ${what}  ${state}  ${transaction}`);
    }
    if (entries.length === 0) output.note("nothing was opened, redeemed or closed from here yet");
    output.result({ entries });
    return EXIT.ok;
  });
}

/** `shoal speed redeem`. */
export async function runSpeedRedeem(
  flags: TradeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return await withSpeed(flags, context, async ({ opened, speed }) => {
    const password = await readSecret("the password", "--password-file", flags.passwordFile);
    const unlocked = await UnlockedWallet.unlock(opened.file, password);
    try {
      const payee = await unlocked.signer(opened.account, opened.network.info.slip44);
      const { contract, claims } = speed;
      const redeemer = new Redeemer({
        contract,
        claims,
        sender: opened.sender,
        payee,
        worthWei: 0n,
      });
      const { claims: count, grossWei, transactions } = await redeemer.redeem(true);
      const { output } = context;
      output.data(
        count === 0
          ? "nothing to redeem"
          : `redeemed ${count} claims: ${btt(grossWei)}, of which 5% are burned`,
      );
      output.result({ claims: count, grossWei: String(grossWei), transactions });
      return EXIT.ok;
    } finally {
      unlocked.lock();
    }
  });
}

/** `shoal speed close`: begins to close channels, ends those whose time has come, and takes the free deposit back. */
export async function runSpeedClose(flags: TradeFlags, context: CommandContext): Promise<ExitCode> {
  return await withSpeed(flags, context, async ({ opened, speed }) => {
    const password = await readSecret("the password", "--password-file", flags.passwordFile);
    const unlocked = await UnlockedWallet.unlock(opened.file, password);
    try {
      const signer = await unlocked.signer(opened.account, opened.network.info.slip44);
      const send = async (intent: Intent): Promise<void> => {
        const { id } = await opened.sender.send(intent, signer);
        const status = await opened.sender.waitFor(id, { until: "final", signal: context.signal });
        if (status?.receipt.isSuccess === true) return;
        throw new ChainError("reverted", `Transaction ${id} did not do what it should.`);
      };
      const counts = { started: 0, closed: 0, waiting: 0 };
      const { head } = { head: await opened.network.head() };
      for (const channel of channelsOf(speed, opened.address)) {
        if (channel.state === "closed") continue;
        const state = await speed.contract.read(channel.id);
        if (state === null) continue;
        const isDue = state.closableAt !== null && state.closableAt * 1000 <= head.latest.timeMs;
        if (state.isClosed || isDue) {
          if (!state.isClosed) {
            await send({ ...speed.contract.finalize(channel.key), summary: "close a channel" });
          }
          await speed.channels.put([{ ...channel, state: "closed" }]);
          counts.closed++;
        } else if (state.closableAt === null) {
          await send({ ...speed.contract.startClose(channel.key), summary: "begin to close" });
          await speed.channels.put([{ ...channel, state: "closing" }]);
          counts.started++;
        } else {
          counts.waiting++;
        }
      }
      const free = await speed.contract.freeOf(opened.address);
      if (free > 0n) {
        const intent = speed.contract.withdraw(free, opened.address);
        await send({ ...intent, summary: "take the deposit back" });
      }
      const { output } = context;
      output.data(`${counts.started} channels begin to close, ${counts.closed} are closed`);
      output.data(`${btt(free)} of the deposit taken back`);
      if (counts.started + counts.waiting > 0) {
        output.note("call this again once their challenge time is over, to get back what is left");
      }
      output.result({ ...counts, withdrawnWei: String(free) });
      return EXIT.ok;
    } finally {
      unlocked.lock();
    }
  });
}

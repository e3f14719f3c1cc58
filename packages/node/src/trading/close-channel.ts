import type { Intent, Signer } from "@shoal/chain";
import type { Answer } from "@shoal/api";
import type { StoredChannel } from "@shoal/speed";
import { NodeError } from "../errors.ts";
import { sendAll } from "./send-all.ts";
import type { TradingDesk } from "./trading-desk.ts";

/**
 * Begins to close a channel, or, once its challenge time is over, closes it and takes the free deposit back.
 * @throws {NodeError} `not-found`; `conflict` before the time is over; {ChainError}.
 */
export async function closeChannel(
  desk: TradingDesk,
  id: string,
  signal: AbortSignal,
): Promise<Answer<"closeChannel">> {
  const signer = desk.assertCanSign();
  const { place, opened, market } = desk;
  const channel = market.channels.find((each) => each.id === id);
  if (channel === undefined || channel.state === "closed") {
    throw new NodeError("not-found", "There is no such open channel of this wallet.", {
      reason: "no-channel",
    });
  }
  const state = await place.contract.read(channel.id);
  if (state === null) {
    throw new NodeError("conflict", "The channel is not on the chain yet.", {
      reason: "channel-not-on-chain",
    });
  }
  if (state.closableAt === null && !state.isClosed) {
    const intent = {
      ...place.contract.startClose(channel.key),
      summary: "begin to close a channel",
    };
    const transactions = await sendAll(opened, signer, [intent], signal);
    await place.channels.put([{ ...channel, state: "closing" }]);
    return { transactions, summary: "started" };
  }
  const { latest } = await opened.network.head();
  if (!state.isClosed && (state.closableAt ?? 0) * 1000 > latest.timeMs) {
    const untilMs = (state.closableAt ?? 0) * 1000;
    const when = new Date(untilMs).toISOString();
    throw new NodeError("conflict", `The payee may object until ${when}: close the channel then.`, {
      reason: "challenge-time",
      values: { untilMs },
    });
  }
  const transactions = await takeBack(desk, channel, signer, state.isClosed, signal);
  return { transactions, summary: "closed" };
}

async function takeBack(
  { place, opened, slot }: TradingDesk,
  channel: StoredChannel,
  signer: Signer,
  isClosed: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const intents: Intent[] = isClosed
    ? []
    : [{ ...place.contract.finalize(channel.key), summary: "close a channel" }];
  const transactions = await sendAll(opened, signer, intents, signal);
  await place.channels.put([{ ...channel, state: "closed" }]);
  const free = await place.contract.freeOf(slot.address);
  if (free === 0n) return transactions;
  const intent = {
    ...place.contract.withdraw(free, slot.address),
    summary: "take the deposit back",
  };
  return [...transactions, ...(await sendAll(opened, signer, [intent], signal))];
}

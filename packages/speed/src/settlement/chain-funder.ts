import {
  type Address,
  callContract,
  ChainError,
  type Intent,
  readContract,
  type Sender,
  type Signer,
} from "@shoal/chain";
import { bttAbi } from "@shoal/contracts";
import type { Random } from "@shoal/runtime";
import type { ChannelFunder, Funding } from "../buying/channel-funder.ts";
import type { ChannelStore, StoredChannel } from "../buying/channel-store.ts";
import type { OwnChannel } from "../buying/purse.ts";
import type { ChannelKey } from "../channel/channel-key.ts";
import type { PayDigests } from "../channel/pay-digests.ts";
import type { ChannelsContract, Opening } from "./channels-contract.ts";

export interface ChainFunderInit {
  readonly contract: ChannelsContract;
  readonly token: Address;
  readonly sender: Sender;
  /** Whose deposit it is. */
  readonly payer: Signer;
  /** Session key that signs vouchers. */
  readonly signer: Address;
  readonly digests: PayDigests;
  readonly channels: ChannelStore;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

/**
 * Funds channels by transactions: deposits once, opens all that are wanted in one transaction, tops up those that are
 * kept from earlier. One funding at a time. What was signed before a crash is found again by its store.
 */
export class ChainFunder implements ChannelFunder {
  readonly #init: ChainFunderInit;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(init: ChainFunderInit) {
    this.#init = init;
  }

  async fund(wanted: readonly Funding[]): Promise<readonly (OwnChannel | null)[]> {
    const turn = this.#turn.then(() => this.#fund(wanted));
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /**
   * Makes sure that so much of the deposit is free, depositing what lacks.
   * @throws {ChainError} `insufficient-funds` when the account has not so much.
   */
  async deposit(wei: bigint): Promise<void> {
    const { contract, payer, token } = this.#init;
    const free = await contract.freeOf(payer.address);
    if (free >= wei) return;
    const lacking = wei - free;
    const { network } = contract;
    const read = { address: token, abi: bttAbi } as const;
    const balance = await readContract(network, {
      ...read,
      functionName: "balanceOf",
      args: [payer.address],
    } as const);
    if (balance < lacking) {
      throw new ChainError(
        "insufficient-funds",
        `The deposit lacks ${lacking} wei of BTT, and the account has ${balance}.`,
      );
    }
    const allowed = await readContract(network, {
      ...read,
      functionName: "allowance",
      args: [payer.address, contract.address],
    } as const);
    if (allowed < lacking) {
      const args = [contract.address, lacking] as const;
      await this.#confirm(callContract({ ...read, functionName: "approve", args } as const));
    }
    const asset = { kind: "token", address: token } as const;
    const spends = [{ asset, amount: lacking }];
    await this.#confirm({ ...contract.deposit(lacking), spends, summary: "deposit for bandwidth" });
  }

  async #fund(wanted: readonly Funding[]): Promise<readonly (OwnChannel | null)[]> {
    const found = await Promise.all(wanted.map((each) => this.#findOpen(each)));
    const lacks = wanted.map(({ wei }, index) => {
      const known = found[index];
      const left = known === undefined ? 0n : known.capacity - known.signed;
      return wei > left ? wei - left : 0n;
    });
    const total = lacks.reduce((sum, wei) => sum + wei, 0n);
    if (total > 0n) {
      try {
        await this.deposit(total);
      } catch (error) {
        if (!(error instanceof ChainError) || error.code !== "insufficient-funds") throw error;
        // Who has a channel goes on with what is in it.
        return found.map((known, index) =>
          known === undefined ? null : toOwn(known, wanted[index]!),
        );
      }
    }
    const opened = await this.#openMissing(wanted, found);
    return await Promise.all(
      wanted.map(async (each, index) => {
        const known = found[index];
        if (known === undefined) return toOwn(opened[index]!, each);
        const lack = lacks[index]!;
        return toOwn(lack === 0n ? known : await this.#topUp(known, lack), each);
      }),
    );
  }

  /** A channel to this payee that is open on chain, as the chain has it. */
  async #findOpen({ payee, minChallengeSeconds }: Funding): Promise<StoredChannel | undefined> {
    const { channels, contract, signer, payer } = this.#init;
    for (const stored of channels.all()) {
      const { key } = stored;
      const fits =
        key.payee === payee &&
        key.signer === signer &&
        key.payer === payer.address &&
        key.challengeSeconds >= minChallengeSeconds;
      if (!fits || stored.state === "closed" || stored.state === "closing") continue;
      const state = await contract.read(stored.id);
      if (state === null) continue;
      const isOpen = !state.isClosed && state.closableAt === null;
      const now = isOpen ? "open" : state.isClosed ? "closed" : "closing";
      const changed: StoredChannel = { ...stored, capacity: state.capacity, state: now };
      await channels.put([changed]);
      if (isOpen) return changed;
    }
    return undefined;
  }

  async #openMissing(
    wanted: readonly Funding[],
    found: readonly (StoredChannel | undefined)[],
  ): Promise<readonly (StoredChannel | undefined)[]> {
    const { payer, signer, digests, channels, random, contract } = this.#init;
    const fresh = wanted.map(({ payee, minChallengeSeconds, wei }, index) => {
      if (found[index] !== undefined) return undefined;
      const salt = new DataView(random.bytes(8).buffer).getBigUint64(0);
      const key: ChannelKey = {
        payer: payer.address,
        payee,
        signer,
        challengeSeconds: minChallengeSeconds,
        salt,
      };
      const id = digests.channelId(key);
      return { id, key, capacity: wei, signed: 0n, state: "opening" } satisfies StoredChannel;
    });
    const toOpen = fresh.filter((channel) => channel !== undefined);
    if (toOpen.length === 0) return fresh;
    await channels.put(toOpen);
    const openings = toOpen.map(({ key, capacity }): Opening => ({ key, capacity }));
    await this.#confirm({
      ...contract.openMany(openings),
      summary: `open ${openings.length} channels for bandwidth`,
    });
    const open = new Map(
      toOpen.map((channel) => [channel.id, { ...channel, state: "open" as const }]),
    );
    await channels.put([...open.values()]);
    return fresh.map((channel) => channel && open.get(channel.id));
  }

  async #topUp(known: StoredChannel, wei: bigint): Promise<StoredChannel> {
    const { contract, channels } = this.#init;
    await this.#confirm({ ...contract.topUp(known.key, wei), summary: "top up a channel" });
    const changed = { ...known, capacity: known.capacity + wei };
    await channels.put([changed]);
    return changed;
  }

  /** Sends, and waits until it will not be undone. @throws {ChainError} also when it failed in its block. */
  async #confirm(intent: Intent): Promise<void> {
    const { sender, payer, signal } = this.#init;
    const { id } = await sender.send(intent, payer);
    const until = { until: "final", ...(signal === undefined ? {} : { signal }) } as const;
    const status = await sender.waitFor(id, until);
    if (status?.receipt.isSuccess !== true) {
      throw new ChainError("reverted", `Transaction ${id} did not do what it should.`);
    }
  }
}

/** What an earlier download left in a channel is not this one's to spend. */
function toOwn({ id, key, capacity, signed }: StoredChannel, { wei }: Funding): OwnChannel {
  const allowed = signed + wei;
  return { id, key, capacity, allowed: allowed < capacity ? allowed : capacity };
}

import {
  type Address,
  callContract,
  type CallIntent,
  type CompactSignature,
  type Network,
  readContract,
  readEvents,
  toAddress,
} from "@shoal/chain";
import { bttAbi, seedBountiesAbi } from "@shoal/contracts";
import { hexOf } from "../settlement/hex-of.ts";
import type { Auditors, Bounty, BountyTerms, DayReport } from "./bounty.ts";

/** `SeedBounties` on a network: what is read of it, and the intents that change it. */
export class BountiesContract {
  readonly network: Network;
  readonly address: Address;

  constructor(network: Network, address: Address) {
    this.network = network;
    this.address = address;
  }

  /** The token of all pots. */
  async token(): Promise<Address> {
    const call = { ...this.#contract, functionName: "token", args: [] } as const;
    return toAddress(await readContract(this.network, call));
  }

  /** @throws {RevertError} `InvalidAuditors`. */
  async auditorsHash({ accounts, threshold }: Auditors): Promise<BountyTerms["auditorsHash"]> {
    const args = [{ accounts, threshold: BigInt(threshold) }] as const;
    return await readContract(this.network, {
      ...this.#contract,
      functionName: "auditorsHashOf",
      args,
    } as const);
  }

  /** @throws {RevertError} `UnknownBounty`. */
  async read(id: bigint): Promise<Bounty> {
    const call = { ...this.#contract, functionName: "bountyOf", args: [id] } as const;
    const [terms, funder, pot] = await readContract(this.network, call);
    return {
      id,
      funder: toAddress(funder),
      potWei: pot,
      torrent: terms.torrent.slice(2),
      perDayWei: terms.perDay,
      perSeederWei: terms.perSeeder,
      maximumSeeders: terms.maximumSeeders,
      startDay: terms.startDay,
      endDay: terms.endDay,
      auditorsHash: terms.auditorsHash,
    };
  }

  async isPaid(id: bigint, day: number): Promise<boolean> {
    const args = [id, BigInt(day)] as const;
    return await readContract(this.network, {
      ...this.#contract,
      functionName: "isPaid",
      args,
    } as const);
  }

  /**
   * The newest bounties as they are now, newest first.
   * @param options.torrent 64 hex digits: those for it alone.
   * @param options.limit Strangers may fund any number of them.
   */
  async list(options: {
    readonly torrent?: string;
    readonly limit: number;
    readonly fromBlock: number;
  }): Promise<readonly Bounty[]> {
    const { torrent, limit, fromBlock } = options;
    const { latest } = await this.network.head();
    const events = await readEvents(this.network, {
      ...{ abi: seedBountiesAbi, eventName: "Funded", addresses: [this.address] },
      ...(torrent !== undefined && { args: { torrent: `0x${torrent}` as const } }),
      ...{ fromBlock, toBlock: latest.number },
    } as const);
    const newest = events.slice(-limit).toReversed();
    const bounties: Bounty[] = [];
    for (const { args } of newest) bounties.push(await this.read(args.bountyId));
    return bounties;
  }

  /** Lets the contract take so much for a pot. */
  async allow(wei: bigint): Promise<CallIntent> {
    const { address } = this;
    const token = { address: await this.token(), abi: bttAbi } as const;
    const summary = "let the bounties' contract take what goes into the pot";
    return callContract({ ...token, functionName: "approve", args: [address, wei], summary });
  }

  /** The tokens have to be allowed to the contract. */
  fund(terms: BountyTerms, wei: bigint): CallIntent {
    const listed = {
      torrent: `0x${terms.torrent}`,
      perDay: terms.perDayWei,
      perSeeder: terms.perSeederWei,
      maximumSeeders: terms.maximumSeeders,
      startDay: terms.startDay,
      endDay: terms.endDay,
      auditorsHash: terms.auditorsHash,
    } as const;
    const summary = `fund a bounty for ${terms.torrent}`;
    const args = [listed, wei] as const;
    return callContract({ ...this.#contract, functionName: "fund", args, summary });
  }

  topUp(id: bigint, wei: bigint): CallIntent {
    const summary = `add to bounty ${id}`;
    return callContract({ ...this.#contract, functionName: "topUp", args: [id, wei], summary });
  }

  /** Anybody may send it: the seeders are paid. @param signatures In the order of their auditors' addresses. */
  payDay(
    { bountyId, day, seeders }: DayReport,
    { accounts, threshold }: Auditors,
    signatures: readonly CompactSignature[],
  ): CallIntent {
    const listed = signatures.map(({ r, vs }) => ({ r: hexOf(r), vs: hexOf(vs) }));
    const auditors = { accounts, threshold: BigInt(threshold) };
    const args = [bountyId, BigInt(day), seeders, auditors, listed] as const;
    const summary = `pay day ${day} of bounty ${bountyId}`;
    return callContract({ ...this.#contract, functionName: "payDay", args, summary });
  }

  refund(id: bigint): CallIntent {
    const summary = `return what is left of bounty ${id}`;
    return callContract({ ...this.#contract, functionName: "refund", args: [id], summary });
  }

  get #contract() {
    return { address: this.address, abi: seedBountiesAbi } as const;
  }
}
